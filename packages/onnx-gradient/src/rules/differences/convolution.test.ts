import { agreeWithDifferences, type Case, forWebGpu, image, weights } from './cases.test-support.js';
import { type AttributeInput } from '../../model/attributes.js';

const conv = (filter: number[], attributes: Record<string, AttributeInput>, dims = image): Case => ({
  inputs: { x: dims },
  write: (g) => g.op('Conv', ['x', weights(g, filter), weights(g, [filter[0]], 9)], attributes),
});

const transposed = (filter: number[], attributes: Record<string, AttributeInput>, dims = image): Case => ({
  inputs: { x: dims },
  write: (g) => g.op('ConvTranspose', ['x', weights(g, filter)], attributes),
});

agreeWithDifferences({
  Conv: conv([3, 4, 3, 3], {}),
  'Conv (padded)': conv([3, 4, 3, 3], { pads: [1, 1, 1, 1] }),
  'Conv (uneven pads)': conv([3, 4, 2, 3], { pads: [1, 0, 0, 2] }),
  'Conv (many channels)': conv([3, 9, 3, 3], {}, ['N', 9, 5, 6]),
  'Conv (many channels, uneven pads)': conv([3, 9, 2, 3], { pads: [1, 0, 0, 2] }, ['N', 9, 5, 6]),
  'Conv (many channels, dilated)': conv([3, 9, 2, 3], { dilations: [2, 2], pads: [0, 1, 1, 1] }, [
    'N',
    9,
    5,
    6,
  ]),
  'Conv (pads larger than the filter)': conv([3, 4, 2, 2], { pads: [3, 2, 1, 2] }),
  'Conv (same upper)': conv([3, 4, 4, 2], { auto_pad: 'SAME_UPPER', strides: [2, 1] }),
  'Conv (same lower)': conv([3, 4, 2, 4], { auto_pad: 'SAME_LOWER' }),
  'Conv (stride)': conv([3, 4, 3, 2], { strides: [2, 3], pads: [1, 0, 1, 0] }),
  'Conv (dilated)': conv([3, 4, 2, 3], { dilations: [2, 2], pads: [0, 1, 1, 1] }),
  'Conv (dilated, stride)': conv([3, 4, 2, 2], { dilations: [2, 3], strides: [2, 2] }),
  'Conv (groups)': conv([6, 2, 3, 3], { group: 2, pads: [1, 1, 1, 1] }),
  'Conv (depthwise, four for one, stride)': conv([16, 1, 3, 3], { group: 4, strides: [2, 2] }),
  'Conv (depthwise, four for one, stride, for WebGPU)': {
    ...conv([16, 1, 3, 3], { group: 4, strides: [2, 2] }),
    ...forWebGpu,
  },
  'Conv (depthwise)': conv([8, 1, 3, 3], { group: 4 }),
  'Conv (depthwise, stride)': conv([4, 1, 3, 3], { group: 4, strides: [2, 2], pads: [1, 1, 1, 1] }),
  'Conv (one-dimensional)': conv([3, 4, 3], { pads: [1, 1] }, ['N', 4, 9]),
  'Conv (three-dimensional)': conv([2, 2, 2, 2, 2], { strides: [1, 2, 1] }, ['N', 2, 3, 4, 3]),
  'Conv (filter that is computed)': {
    inputs: { x: image },
    write: (g) => g.op('Conv', ['x', g.op('Tanh', [weights(g, [3, 4, 3, 3])])]),
  },
  ConvTranspose: transposed([4, 3, 3, 3], {}, ['N', 4, 3, 4]),
  'ConvTranspose (stride, padding)': transposed(
    [4, 3, 3, 3],
    { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
    ['N', 4, 3, 4],
  ),
  'ConvTranspose (groups, dilated)': transposed([4, 2, 2, 2], { group: 2, dilations: [2, 1] }, [
    'N',
    4,
    3,
    4,
  ]),
  'ConvTranspose (output shape)': transposed([4, 2, 3, 3], { strides: [2, 2], output_shape: [6, 8] }, [
    'N',
    4,
    3,
    4,
  ]),
  'Conv (computed filter)': {
    inputs: { x: image, w: [3, 4, 3, 2], b: [3] },
    write: (g) => g.op('Conv', ['x', 'w', 'b'], { strides: [2, 1], pads: [1, 0, 1, 1], dilations: [1, 2] }),
  },

  'Conv (valid)': conv([3, 4, 2, 3], { auto_pad: 'VALID', strides: [2, 2] }),
  'Conv (computed filter, one-dimensional, padded unevenly)': {
    inputs: { x: ['N', 2, 9], w: [3, 2, 3] },
    write: (g) => g.op('Conv', ['x', 'w'], { strides: [2], pads: [0, 1] }),
  },
  'Conv (computed filter, bias alone asked for)': {
    inputs: { x: image, w: [3, 4, 2, 2], b: [3] },
    write: (g) => g.op('Conv', ['x', 'w', 'b']),
    options: { inputs: ['b'] },
  },
  'Conv (for WebGPU)': { ...conv([3, 4, 3, 2], {}), ...forWebGpu },
  'Conv (depthwise, one for one, stride, for WebGPU)': {
    ...conv([4, 1, 3, 3], { group: 4, strides: [2, 2] }),
    ...forWebGpu,
  },
  'ConvTranspose (same upper)': transposed([4, 3, 3, 3], { strides: [2, 2], auto_pad: 'SAME_UPPER' }, [
    'N',
    4,
    3,
    4,
  ]),
  'ConvTranspose (same lower)': transposed([4, 3, 3, 4], { strides: [2, 3], auto_pad: 'SAME_LOWER' }, [
    'N',
    4,
    3,
    4,
  ]),
  'ConvTranspose (same upper, wide and dilated)': transposed(
    [2, 2, 5, 3],
    { strides: [2, 2], dilations: [1, 3], auto_pad: 'SAME_UPPER' },
    ['N', 2, 3, 4],
  ),
  'ConvTranspose (output shape and padding)': transposed(
    [2, 2, 4, 3],
    { strides: [2, 3], dilations: [2, 1], output_padding: [1, 2], output_shape: [7, 8] },
    ['N', 2, 3, 3],
  ),
  'ConvTranspose (open sizes)': transposed([2, 2, 3, 2], { strides: [2, 1], pads: [1, 0, 0, 0] }, [
    1,
    2,
    'h',
    3,
  ]),
  'Conv (many channels, pads larger than the filter)': conv(
    [2, 9, 2, 2],
    { pads: [2, 0, 0, 2] },
    [1, 9, 2, 3],
  ),
  'ConvTranspose (one-dimensional)': transposed([4, 2, 3], { strides: [2], pads: [1, 0] }, ['N', 4, 5]),
});
