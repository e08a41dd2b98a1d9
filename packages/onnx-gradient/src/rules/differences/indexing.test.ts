import { agreeWithDifferences, type Case, on, pick } from './cases.test-support.js';

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
  ...Object.fromEntries(
    // Two updates for one cell, and cells that keep what they had.
    ['mul', 'max', 'min'].flatMap((reduction): [string, Case][] => [
      [
        `ScatterElements (${reduction})`,
        {
          inputs: { x: [2, 5], u: [2, 2] },
          write: (g) =>
            g.op('ScatterElements', ['x', g.filled('int64', [2, 2], [1, 1, 0, 4]), 'u'], {
              axis: 1,
              reduction,
            }),
        },
      ],
      [
        `ScatterND (${reduction})`,
        {
          inputs: { x: [4, 3], u: [3, 3] },
          write: (g) => g.op('ScatterND', ['x', g.filled('int64', [3, 1], [3, 1, 3]), 'u'], { reduction }),
        },
      ],
    ]),
  ),
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

  'GatherElements (first axis)': pick(
    'GatherElements',
    (g) => [g.filled('int64', [3, 4], [0, 1, 1, 0, 1, 1, 0, 0, -1, 0, 1, 1])],
    {},
    [2, 4],
  ),
  'ScatterElements (last axis)': {
    inputs: { x: [2, 5], u: [2, 2] },
    write: (g) =>
      g.op('Tanh', [
        g.op('ScatterElements', ['x', g.filled('int64', [2, 2], [1, 3, 0, 4]), 'u'], { axis: -1 }),
      ]),
  },
  'ScatterElements (first axis)': {
    inputs: { x: [3, 2], u: [2, 2] },
    write: (g) =>
      g.op('Tanh', [g.op('ScatterElements', ['x', g.filled('int64', [2, 2], [0, 2, 2, 0]), 'u'])]),
  },
  'ScatterND (added)': {
    inputs: { x: [4, 3], u: [3, 3] },
    write: (g) =>
      g.op('Tanh', [
        g.op('ScatterND', ['x', g.filled('int64', [3, 1], [3, 1, 3]), 'u'], { reduction: 'add' }),
      ]),
  },
  'TopK (smallest of an axis in the middle)': {
    inputs: { x: ['N', 5, 3] },
    write: (g) => {
      g.node('TopK', ['x', g.ints([2])], ['best', 'where'], { axis: 1, largest: 0 });
      return g.op('Tanh', ['best']);
    },
  },
  'TopK (default axis)': {
    inputs: { x: ['N', 6] },
    write: (g) => {
      g.node('TopK', ['x', g.ints([3])], ['best', 'where'], {});
      return g.op('Tanh', ['best']);
    },
  },
  'CumSum (plain)': pick('CumSum', (g) => [g.scalar(1, 'int64')]),
  'CumSum (exclusive, from the right)': pick('CumSum', (g) => [g.scalar(-1, 'int64')], {
    exclusive: 1,
    reverse: 1,
  }),
  'Trilu (upper)': pick('Trilu', (g) => [g.scalar(-1, 'int64')]),
  'Trilu (diagonal)': on(['N', 3, 3], 'Trilu'),
  'Tile (once)': pick('Tile', (g) => [g.ints([1, 1, 1, 1])]),
  'Tile (all axes)': pick('Tile', (g) => [g.ints([2, 3, 2])], {}, [2, 1, 3]),
});
