import { agreeWithDifferences, image, on, pick, positive } from './cases.test-support.js';

agreeWithDifferences({
  Softmax: on(['N', 7, 3], 'Softmax', { axis: 1 }),
  'Softmax (old form)': on(['N', 3, 4], 'Softmax', { axis: 1 }, { opset: 11 }),
  LogSoftmax: on(['N', 7], 'LogSoftmax'),
  ReduceSum: pick('ReduceSum', (g) => [g.ints([1, -1])], { keepdims: 0 }),
  'ReduceSum (all)': on(image, 'ReduceSum'),
  ReduceMean: pick('ReduceMean', (g) => [g.ints([2, 3])]),
  ReduceMax: pick('ReduceMax', (g) => [g.ints([1])], { keepdims: 0 }),
  ReduceMin: pick('ReduceMin', (g) => [g.ints([3])]),
  ReduceLogSumExp: pick('ReduceLogSumExp', (g) => [g.ints([1])], { keepdims: 0 }),
  ReduceL1: pick('ReduceL1', (g) => [g.ints([1])], { keepdims: 0 }),
  ReduceL2: pick('ReduceL2', (g) => [g.ints([1, 2])], { keepdims: 0 }),
  ReduceLogSum: {
    inputs: { x: image },
    feeds: positive,
    write: (g) => g.op('ReduceLogSum', ['x', g.ints([2])], { keepdims: 0 }),
  },
  ReduceProd: pick('ReduceProd', (g) => [g.ints([2])], { keepdims: 0 }),
  ReduceSumSquare: pick('ReduceSumSquare', (g) => [g.ints([1])]),

  'ReduceMean (all)': on(image, 'ReduceMean'),
  'ReduceMean (some, the last first)': pick('ReduceMean', (g) => [g.ints([-1, 1])], { keepdims: 0 }),
  'ReduceL2 (all, no axis left)': on([2, 3, 2], 'ReduceL2', { keepdims: 0 }),
  'ReduceLogSum (all)': on([2, 3, 2], 'ReduceLogSum', {}, { feeds: positive }),
  'ReduceProd (two axes, kept)': pick('ReduceProd', (g) => [g.ints([1, 2])], { keepdims: 1 }, [2, 3, 2]),
  'ReduceSum (of no axis)': pick('ReduceSum', (g) => [g.ints([])], { noop_with_empty_axes: 1, keepdims: 0 }),
  'Softmax (last axis)': on(['N', 3, 4], 'Softmax'),
  'LogSoftmax (last axis)': on(['N', 3, 4], 'LogSoftmax'),
  'LogSoftmax (axis in the middle)': on(['N', 3, 4], 'LogSoftmax', { axis: -2 }),
});
