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
  InstanceNormalization: normal('InstanceNormalization', 4),
  LayerNormalization: normal('LayerNormalization', 6),
  'LayerNormalization (two axes)': {
    inputs: { x: image },
    write: (g) => g.op('LayerNormalization', ['x', weights(g, [5, 6], 3, 1)], { axis: -2 }),
  },
  'GroupNormalization (per group)': normal('GroupNormalization', 2, { num_groups: 2 }, { opset: 18 }),
  'GroupNormalization (per channel)': normal('GroupNormalization', 4, { num_groups: 2 }, { opset: 21 }),
  LRN: on(['N', 7, 2, 3], 'LRN', { size: 3, alpha: float(0.5), beta: float(0.6), bias: float(1.2) }),
});
