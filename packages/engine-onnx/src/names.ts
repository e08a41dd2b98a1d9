/** Values of a victim's graph as the engine names them, whatever they were called in the file. */
export const names = {
  x: 'victim:x',
  output: 'victim:output',
  features: 'victim:features',
  preactivation: 'victim:preactivation',
} as const;
export type OutputName = 'output' | 'features' | 'preactivation';
