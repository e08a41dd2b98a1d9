import { agreeWithDifferences, image, on, pick, weights } from './cases.test-support.js';

agreeWithDifferences({
  Flatten: on(image, 'Flatten'),
  Reshape: pick('Reshape', (g) => [g.ints([0, -1])]),
  'Reshape (computed)': pick('Reshape', (g) => [
    g.op('Concat', [g.op('Gather', [g.shape('x'), g.ints([0])]), g.ints([-1])], { axis: 0 }),
  ]),
  Transpose: on(image, 'Transpose', { perm: [0, 2, 3, 1] }),
  'Transpose (default order)': on(image, 'Transpose'),
  Squeeze: pick('Squeeze', (g) => [g.ints([1])], {}, ['N', 1, 5]),
  Unsqueeze: pick('Unsqueeze', (g) => [g.ints([1, -1])]),
  Concat: {
    inputs: { a: image, b: ['N', 2, 5, 6] },
    write: (g) => g.op('Concat', ['a', 'b', 'a'], { axis: 1 }),
  },
  Split: {
    inputs: { x: image },
    write: (g) => {
      g.node('Split', ['x', g.ints([1, 3])], ['p', 'q'], { axis: 1 });
      return g.op('Tanh', ['q']);
    },
  },
  'Split (both used)': {
    inputs: { x: image },
    write: (g) => {
      g.node('Split', ['x'], ['p', 'q'], { axis: 1, num_outputs: 2 });
      return g.mul('p', 'q');
    },
  },
  Slice: pick('Slice', (g) => [g.ints([1, -4]), g.ints([3, 100]), g.ints([1, 3])]),
  'Slice (nothing taken)': {
    inputs: { x: ['N', 4, 5] },
    write: (g) => [g.op('Tanh', ['x']), g.op('Slice', ['x', g.ints([3, 1]), g.ints([3, 2]), g.ints([1, 2])])],
  },
  'Slice (steps, backwards)': pick('Slice', (g) => [
    g.ints([0, -1]),
    g.ints([5, -100]),
    g.ints([2, 3]),
    g.ints([2, -2]),
  ]),
  'Pad (constant)': pick('Pad', (g) => [g.ints([0, 0, 1, 2, 0, 0, 0, 3])]),
  'Pad (cutting)': pick('Pad', (g) => [g.ints([0, 0, -1, 2, 0, 0, 0, -3])]),
  'Pad (reflect)': pick('Pad', (g) => [g.ints([0, 0, 2, 1, 0, 0, 3, 2])], { mode: 'reflect' }),
  'Pad (edge)': pick('Pad', (g) => [g.ints([0, 0, 2, 1, 0, 0, 3, 2])], { mode: 'edge' }),
  Gather: pick('Gather', (g) => [g.ints([2, 0, 2, -1])], { axis: 1 }),
  'Gather (computed positions)': {
    inputs: { x: ['N', 3] },
    write: (g) =>
      g.op('Gather', [
        'x',
        g.cast(
          g.op('Sign', [g.op('Abs', [g.op('ReduceSum', ['x', g.ints([1])], { keepdims: 0 })])]),
          'int64',
        ),
      ]),
  },
  'Gather (many positions, along the second axis)': {
    inputs: { x: ['N', 6, 2] },
    write: (g) => {
      const places = Array.from({ length: 70 }, (_, i) => (i * i) % 6);
      const picked = g.op('Gather', ['x', g.filled('int64', [35, 2], places)], { axis: 1 });
      return g.op('Tanh', [g.mul(picked, weights(g, [35, 2, 2], 4))]);
    },
  },
  'Slice (of an open size)': {
    inputs: { x: ['N', 5] },
    write: (g) => [
      g.op('Tanh', [g.op('Slice', ['x', g.ints([-1]), g.ints([4]), g.ints([0])])]),
      g.op('Sin', [g.op('Slice', ['x', g.ints([0, 1]), g.shape('x')])]),
    ],
  },
  'Slice (from where only running tells)': {
    inputs: { x: [2, 5] },
    write: (g) => {
      const start = g.op('ArgMax', [g.op('Gather', ['x', g.scalar(0, 'int64')])], { keepdims: 1 });
      return g.op('Tanh', [g.op('Slice', ['x', start, g.add(start, g.ints([2])), g.ints([-1])])]);
    },
  },
  'Gather (one, along the positions)': {
    inputs: { x: image },
    write: (g) => g.op('Gather', ['x', g.scalar(1, 'int64')], { axis: 2 }),
  },
  Expand: pick('Expand', (g) => [g.ints([2, 3, 4, 5])], {}, [3, 1, 5]),
  // PyTorch writes "−1 keeps the size" as a choice between two vectors of sizes.
  'Expand (as PyTorch exports it, then Concat)': {
    inputs: { token: [1, 1, 5], x: ['N', 3, 5] },
    write: (g) => {
      const batch = g.op('Gather', [g.shape('x'), g.ints([0])]);
      const wanted = g.op('Reshape', [g.op('Concat', [batch, g.ints([-1, -1])], { axis: 0 }), g.ints([-1])]);
      const ones = g.op('Div', [g.ints([2, 2, 2]), g.ints([2])]);
      const target = g.where(g.op('Equal', [wanted, g.mul(ones, g.ints([-1]))]), ones, wanted);
      return g.op('Tanh', [g.op('Concat', [g.op('Expand', ['token', target]), 'x'], { axis: 1 })]);
    },
  },
  'DepthToSpace (DCR)': on(['N', 8, 2, 3], 'DepthToSpace', { blocksize: 2 }),
  'DepthToSpace (CRD)': on(['N', 8, 2, 3], 'DepthToSpace', { blocksize: 2, mode: 'CRD' }),
  SpaceToDepth: on(['N', 2, 4, 6], 'SpaceToDepth', { blocksize: 2 }),

  // As test-time augmentation inside a model does.
  'Concat (along the batch)': {
    inputs: { x: ['N', 3] },
    write: (g) => {
      const both = g.op('Concat', ['x', g.op('Sin', ['x']), g.op('Exp', ['x'])], { axis: 0 });
      return g.op('ReduceMean', [g.op('Reshape', [both, g.ints([3, -1, 3])]), g.ints([0])], { keepdims: 0 });
    },
  },
  'Concat (last axis)': {
    inputs: { a: ['N', 2, 3], b: ['N', 2, 4] },
    write: (g) => g.op('Concat', ['a', 'b'], { axis: -1 }),
  },
  'Concat (with a constant)': {
    inputs: { x: [2, 3] },
    write: (g) => g.op('Concat', [g.filled('float32', [2, 2], [1, 2, 3, 4]), 'x'], { axis: 1 }),
  },
  'Split (first axis)': {
    inputs: { x: [5, 2] },
    write: (g) => {
      g.node('Split', ['x', g.ints([2, 3])], ['p', 'q'], {});
      return g.op('Tanh', ['p']);
    },
  },
  'Slice (all axes, as they come)': pick('Slice', (g) => [g.ints([0, 1]), g.ints([2, 3])], {}, [3, 4]),
  'Slice (from the start)': pick('Slice', (g) => [g.ints([0]), g.ints([2]), g.ints([1])]),
  'Slice (to the end)': pick('Slice', (g) => [g.ints([3]), g.ints([2 ** 40]), g.ints([-1])]),
  'Slice (the open axis, all of it)': pick('Slice', (g) => [
    g.ints([0, 1]),
    g.ints([2 ** 40, 3]),
    g.ints([0, 2]),
  ]),
  'Pad (some axes)': {
    ...pick('Pad', (g) => [g.ints([1, 2, 0, 3]), '', g.ints([-1, 2])], { mode: 'edge' }),
    opset: 19,
  },
  'Pad (wrapped)': {
    ...pick('Pad', (g) => [g.ints([0, 0, 2, 1, 0, 0, 3, 2])], { mode: 'wrap' }),
    opset: 19,
  },
  'Pad (in front, or behind)': pick('Pad', (g) => [g.ints([0, 1, 0, 0, 0, 0, 2, 0])]),
  'Pad (cutting behind)': pick('Pad', (g) => [g.ints([0, 0, 1, 0, 0, 0, -2, 0])]),
  'Pad (reflect, once more)': pick('Pad', (g) => [g.ints([0, 3, 0, 2])], { mode: 'reflect' }, [2, 4]),
  'Gather (one after the other)': pick('Gather', (g) => [g.ints([1, 2])], { axis: 1 }),
  'Gather (all)': pick('Gather', (g) => [g.ints([0, 1, 2, 3])], { axis: 1 }),
  'Gather (from the end)': pick('Gather', (g) => [g.ints([4, 5])], { axis: -1 }),
  'Gather (matrix of positions)': pick(
    'Gather',
    (g) => [g.filled('int64', [2, 3], [0, 2, 2, 1, 0, -1])],
    { axis: 1 },
    [2, 3, 4],
  ),
  'Gather (first axis)': pick('Gather', (g) => [g.ints([2, 0])], {}, [3, 4]),
  'Slice (of an open size, without its first)': pick('Slice', (g) => [
    g.ints([1]),
    g.ints([2 ** 40]),
    g.ints([0]),
  ]),
  'Slice (of an open size, its first)': pick('Slice', (g) => [g.ints([0]), g.ints([1]), g.ints([0])]),
  'Slice (from where only running tells, in steps of 1, along axes as they come)': {
    inputs: { x: [2, 3] },
    write: (g) => {
      const from = g.op('ArgMax', [g.op('ReduceMean', ['x', g.ints([1])])]);
      const start = g.op('Concat', [g.op('Reshape', [from, g.ints([1])]), g.ints([1])], { axis: 0 });
      return [
        g.op('Slice', ['x', start, g.ints([2, 3])]),
        g.op('Sin', [g.op('Slice', ['x', start, g.ints([2, 3]), g.ints([0, 1]), g.ints([1, 1])])]),
      ];
    },
  },
  'Gather (nothing)': {
    inputs: { x: [2, 3] },
    write: (g) => [g.op('Tanh', ['x']), g.op('Gather', ['x', g.ints([])], { axis: 1 })],
  },
  'DepthToSpace (CRD, three by three)': on(['N', 9, 2, 3], 'DepthToSpace', { blocksize: 3, mode: 'CRD' }),
});
