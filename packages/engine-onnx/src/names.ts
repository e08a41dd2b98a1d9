/** Values of a victim's graph as the engine names them, whatever they were called in the file. */
export const names = {
  x: 'victim:x',
  output: 'victim:output',
  features: 'victim:features',
  preactivation: 'victim:preactivation',
  /** Of a graph with a loss: a 1 for the class that each sample's loss is about, and the loss. */
  aim: 'victim:aim',
  loss: 'victim:loss',
} as const;
export type OutputName = 'output' | 'features' | 'preactivation';
