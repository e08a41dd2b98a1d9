/** Values of a victim's graph as the engine names them, whatever they were called in the file. */
export const names = {
  x: 'victim:x',
  output: 'victim:output',
  features: 'victim:features',
  preactivation: 'victim:preactivation',
  /** Of a graph with a loss: a 1 for the class that each sample's loss is about, and the loss. */
  aim: 'victim:aim',
  loss: 'victim:loss',
  /** Of a graph with a reconstruction error: what is to be reconstructed, and what is taken off. */
  target: 'victim:target',
  less: 'victim:less',
  /** Of a graph with a penalty: its numbers and the cotangent of the second term, and the objective. */
  base: 'victim:base',
  gain: 'victim:gain',
  kappa: 'victim:kappa',
  inner: 'victim:inner',
  scale: 'victim:scale',
  objective: 'victim:objective',
} as const;
export type OutputName = 'output' | 'features' | 'preactivation';
