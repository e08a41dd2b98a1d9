import { convolutionOf, type Decomposition } from './decomposition.js';

/** (Σ |x|ᵖ)^(1/p) over each window: the sums are a convolution with ones, of which a window takes part outside as zero. */
export const lpPool: Decomposition = (g, node, c) => {
  const [x] = node.inputs;
  const { attributes } = node;
  const [type, dims] = [c.type(x), c.dims(x)];
  const kernel = attributes.ints('kernel_shape');
  const channels = dims?.[1];
  if (!type || !kernel || typeof channels !== 'number') return undefined;
  const p = attributes.int('p', 2);
  const powers = g.op('Pow', [g.op('Abs', [x]), g.scalar(p, type)]);
  const ones = g.filled(
    type,
    [channels, 1, ...kernel],
    new Float32Array(channels * kernel.reduce((a, b) => a * b, 1)).fill(1),
  );
  const rank = kernel.length;
  const [strides, dilations] = ['strides', 'dilations'].map(
    (name) => attributes.ints(name) ?? Array<number>(rank).fill(1),
  );
  const pads = [...(attributes.ints('pads') ?? Array<number>(2 * rank).fill(0))];
  if (attributes.int('ceil_mode', 0) === 1) {
    for (let i = 0; i < rank; i++) {
      const size = dims![i + 2];
      if (typeof size !== 'number') return undefined;
      const left = (size + pads[i] + pads[i + rank] - (kernel[i] - 1) * dilations[i] - 1) % strides[i];
      // A last window that began beyond the image and its padding at the front would be none.
      const began = size + pads[i + rank] + pads[i] - left - (kernel[i] - 1) * dilations[i] - 1 + strides[i];
      if (left > 0 && began < size + pads[i]) pads[i + rank] += strides[i] - left;
    }
  }
  const auto = attributes.string('auto_pad', 'NOTSET') !== 'NOTSET';
  const sums = g.op('Conv', [powers, ones], {
    ...convolutionOf(attributes),
    group: channels,
    kernel_shape: kernel,
    pads: auto ? undefined : pads,
  });
  return [g.op('Pow', [sums, g.scalar(1 / p, type)])];
};
