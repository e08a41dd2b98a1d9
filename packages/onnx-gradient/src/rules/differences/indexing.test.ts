import { agreeWithDifferences, pick } from './cases.test-support.js';

agreeWithDifferences({
  GatherElements: pick(
    'GatherElements',
    (g) => [g.filled('int64', [2, 2, 2], [0, 1, 1, 1, 2, 0, 0, -1])],
    { axis: 1 },
    [2, 3, 4],
  ),
  GatherND: pick('GatherND', (g) => [g.filled('int64', [3, 2], [0, 1, 1, 2, 0, 1])], {}, [2, 3, 4]),
  ScatterElements: {
    inputs: { x: [2, 5], u: [2, 2] },
    write: (g) =>
      g.op('Tanh', [
        g.op('ScatterElements', ['x', g.filled('int64', [2, 2], [1, 3, 0, 4]), 'u'], { axis: 1 }),
      ]),
  },
  'ScatterElements (added)': {
    inputs: { x: [2, 5], u: [2, 2] },
    write: (g) =>
      g.op('Tanh', [
        g.op('ScatterElements', ['x', g.filled('int64', [2, 2], [1, 1, 0, 4]), 'u'], {
          axis: 1,
          reduction: 'add',
        }),
      ]),
  },
  ScatterND: {
    inputs: { x: [4, 3], u: [2, 3] },
    write: (g) => g.op('Tanh', [g.op('ScatterND', ['x', g.filled('int64', [2, 1], [3, 1]), 'u'])]),
  },
  TopK: {
    inputs: { x: ['N', 3, 6] },
    write: (g) => {
      g.node('TopK', ['x', g.ints([2])], ['best', 'where'], { axis: -1 });
      return g.op('Tanh', ['best']);
    },
  },
  CumSum: pick('CumSum', (g) => [g.scalar(2, 'int64')], { exclusive: 1 }),
  'CumSum (from the right)': pick('CumSum', (g) => [g.scalar(1, 'int64')], { reverse: 1 }),
  Trilu: pick('Trilu', (g) => [g.scalar(1, 'int64')], { upper: 0 }),
  Tile: pick('Tile', (g) => [g.ints([1, 2, 1, 3])]),
});
