import { agreeWithDifferences, type Case, image, on, weights } from './cases.test-support.js';
import { float } from '../../model/attributes.js';

const normal = (op: string, count: number, attributes = {}, rest: Partial<Case> = {}): Case => ({
  inputs: { x: image },
  write: (g) => g.op(op, ['x', weights(g, [count], 3, 1), weights(g, [count], 4)], attributes),
  ...rest,
});

agreeWithDifferences({
  BatchNormalization: {
    inputs: { x: image },
    write: (g) =>
      g.op('BatchNormalization', [
        'x',
        weights(g, [4], 1),
        weights(g, [4], 2),
        weights(g, [4], 3),
        g.filled('float32', [4], [0.5, 1, 2, 3]),
      ]),
  },
  // As PyTorch exports normalisation of instances with statistics of training.
  'BatchNormalization (the batch among the channels)': {
    inputs: { x: ['N', 4, 5, 6] },
    write: (g) => {
      const batch = g.op('Gather', [g.shape('x'), g.ints([0])]);
      const tiled = (values: string) => g.op('Tile', [values, batch]);
      const given = [weights(g, [4], 1), weights(g, [4], 2), weights(g, [4], 3)].map(tiled);
      const variance = tiled(g.filled('float32', [4], [0.5, 1, 2, 3]));
      return g.op('BatchNormalization', [g.op('Reshape', ['x', g.ints([1, -1, 5, 6])]), ...given, variance]);
    },
  },
  InstanceNormalization: normal('InstanceNormalization', 4),
  LayerNormalization: normal('LayerNormalization', 6),
  'LayerNormalization (two axes)': {
    inputs: { x: image },
    write: (g) => g.op('LayerNormalization', ['x', weights(g, [5, 6], 3, 1)], { axis: -2 }),
  },
  'GroupNormalization (per group)': normal('GroupNormalization', 2, { num_groups: 2 }, { opset: 18 }),
  'GroupNormalization (per channel)': normal('GroupNormalization', 4, { num_groups: 2 }, { opset: 21 }),
  'InstanceNormalization (one-dimensional)': normal(
    'InstanceNormalization',
    3,
    {},
    { inputs: { x: ['N', 3, 5] } },
  ),
  'LayerNormalization (from an axis on)': {
    inputs: { x: ['N', 2, 3, 4] },
    write: (g) => g.op('LayerNormalization', ['x', weights(g, [3, 4], 3, 1)], { axis: 2 }),
  },
  'LayerNormalization (all axes)': {
    inputs: { x: [2, 3] },
    write: (g) => g.op('LayerNormalization', ['x', weights(g, [2, 3], 3, 1)], { axis: 0 }),
  },
  ...Object.fromEntries(
    ([[], ['scale'], ['variance'], ['scale', 'variance']] as string[][]).map((computed): [string, Case] => [
      `BatchNormalization (computed: ${computed.join(' and ') || 'nothing'})`,
      {
        inputs: { x: ['N', 3, 2] },
        write: (g) => {
          const given = (name: string, value: string) =>
            computed.includes(name) ? g.op('Softplus', [value]) : value;
          const scale = given('scale', weights(g, [3], 1));
          const variance = given('variance', g.filled('float32', [3], [0.2, 1, 2]));
          const inputs = ['x', scale, weights(g, [3], 2), weights(g, [3], 3), variance];
          return g.op('BatchNormalization', inputs, { epsilon: float(0.1) });
        },
      },
    ]),
  ),
  LRN: on(['N', 7, 2, 3], 'LRN', { size: 3, alpha: float(0.5), beta: float(0.6), bias: float(1.2) }),
});
