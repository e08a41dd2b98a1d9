import { agreeWithDifferences } from './cases.test-support.js';

agreeWithDifferences({
  Col2Im: {
    inputs: { x: ['N', 12, 6] },
    write: (g) =>
      g.op('Tanh', [
        g.op('Col2Im', ['x', g.ints([4, 6]), g.ints([2, 2])], {
          strides: [2, 2],
          dilations: [1, 1],
          pads: [0, 0, 0, 0],
        }),
      ]),
  },

  'Col2Im (as it comes)': {
    inputs: { x: ['N', 16, 4] },
    write: (g) => g.op('Tanh', [g.op('Col2Im', ['x', g.ints([3, 3]), g.ints([2, 2])])]),
  },
});
