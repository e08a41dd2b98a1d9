import { agreeWithDifferences, type Case, forWebGpu, image, on } from './cases.test-support.js';
import { type AttributeInput } from '../../model/attributes.js';

const pool = (op: string, attributes: Record<string, AttributeInput>, rest: Partial<Case> = {}) =>
  on(['N', 2, 5, 7], op, attributes, rest);

agreeWithDifferences({
  'MaxPool (apart)': pool('MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }),
  'MaxPool (apart, even sizes)': on(['N', 2, 4, 6], 'MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }),
  'MaxPool (apart, wide)': on(['N', 1, 2, 256], 'MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }),
  'MaxPool (of a rectifier)': pool(
    'MaxPool',
    { kernel_shape: [2, 2], strides: [2, 2] },
    { write: (g) => g.op('MaxPool', [g.op('Relu', ['x'])], { kernel_shape: [2, 2], strides: [2, 2] }) },
  ),
  'MaxPool (overlapping)': pool('MaxPool', { kernel_shape: [3, 2], strides: [1, 1], pads: [1, 1, 1, 0] }),
  'MaxPool (ceil)': pool('MaxPool', { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }),
  'MaxPool (dilated)': pool('MaxPool', { kernel_shape: [2, 2], dilations: [2, 2] }),
  'MaxPool (for WebGPU)': pool('MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }, forWebGpu),
  'MaxPool (for WebGPU, overlapping, padded)': pool(
    'MaxPool',
    { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 1, 1, 0] },
    forWebGpu,
  ),
  'MaxPool (for WebGPU, ceil)': pool(
    'MaxPool',
    { kernel_shape: [2, 3], strides: [2, 3], ceil_mode: 1 },
    forWebGpu,
  ),
  AveragePool: pool('AveragePool', { kernel_shape: [2, 2], strides: [2, 2] }),
  'AveragePool (overlapping, padded)': pool('AveragePool', {
    kernel_shape: [3, 3],
    strides: [2, 1],
    pads: [1, 1, 1, 1],
  }),
  'AveragePool (padding counted)': pool('AveragePool', {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
    count_include_pad: 1,
  }),
  'AveragePool (ceil)': pool('AveragePool', { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }),
  GlobalAveragePool: on(image, 'GlobalAveragePool'),
  GlobalMaxPool: on(image, 'GlobalMaxPool'),

  'MaxPool (one-dimensional)': on(['N', 2, 9], 'MaxPool', { kernel_shape: [3], strides: [3] }),
  'MaxPool (one-dimensional, for WebGPU)': on(
    ['N', 2, 9],
    'MaxPool',
    { kernel_shape: [3], strides: [2], dilations: [2], pads: [1, 1] },
    forWebGpu,
  ),
  'MaxPool (same upper)': pool('MaxPool', { kernel_shape: [2, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' }),
  'MaxPool (three-dimensional)': on(['N', 1, 4, 2, 4], 'MaxPool', {
    kernel_shape: [2, 2, 2],
    strides: [2, 2, 2],
  }),
  'MaxPool (apart, with room between)': pool('MaxPool', { kernel_shape: [1, 2], strides: [2, 3] }),
  'AveragePool (one-dimensional)': on(['N', 2, 9], 'AveragePool', { kernel_shape: [4], strides: [2] }),
  'AveragePool (three-dimensional, padded)': on(['N', 1, 3, 2, 4], 'AveragePool', {
    kernel_shape: [2, 2, 2],
    pads: [1, 0, 1, 0, 1, 0],
  }),
  'AveragePool (same lower)': pool('AveragePool', {
    kernel_shape: [2, 3],
    strides: [2, 2],
    auto_pad: 'SAME_LOWER',
  }),
  'AveragePool (dilated)': pool('AveragePool', { kernel_shape: [2, 2], dilations: [2, 3] }, { opset: 19 }),
  'GlobalAveragePool (open sizes)': on(['N', 2, 'h', 3], 'GlobalAveragePool'),
  'MaxPool (overlapping along one axis)': pool('MaxPool', { kernel_shape: [3, 2], strides: [1, 2] }),
  'MaxPool (dilated, stride)': pool('MaxPool', { kernel_shape: [2, 2], dilations: [2, 2], strides: [2, 2] }),
  'MaxPool (apart, padded)': on(['N', 1, 4, 6], 'MaxPool', {
    kernel_shape: [2, 2],
    strides: [2, 2],
    pads: [1, 0, 1, 0],
  }),
  'MaxPool (apart, one size odd)': on(['N', 1, 4, 5], 'MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }),
  'MaxPool (open channels)': on(['N', 'c', 4, 6], 'MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }),
  'MaxPool (three by three)': on(['N', 1, 6, 6], 'MaxPool', { kernel_shape: [3, 3], strides: [3, 3] }),
  'MaxPool (two by three)': on(['N', 1, 4, 6], 'MaxPool', { kernel_shape: [2, 3], strides: [2, 3] }),
  'MaxPool (for WebGPU, dilated, ceil)': pool(
    'MaxPool',
    { kernel_shape: [2, 2], dilations: [2, 3], strides: [2, 3], ceil_mode: 1 },
    forWebGpu,
  ),
  'AveragePool (dilated, padded)': pool(
    'AveragePool',
    { kernel_shape: [2, 3], dilations: [2, 2], pads: [1, 1, 1, 1] },
    { opset: 19 },
  ),
  'GlobalMaxPool (one-dimensional)': on(['N', 3, 5], 'GlobalMaxPool'),
  MaxUnpool: {
    inputs: { x: [2, 3, 4, 6] },
    write: (g) => {
      const window = { kernel_shape: [2, 2], strides: [2, 2] };
      g.node('MaxPool', ['x'], ['most', 'where'], window);
      return g.op('MaxUnpool', [g.op('Tanh', ['most']), 'where'], window);
    },
  },
});
