import { single } from './rule.js';

/** The adjoint of putting columns back into an image is taking them out: a convolution with one-hot filters. */
export const col2Im = single((c) => {
  const { g, dy } = c;
  const kernel = c.integers(c.node.inputs[2]);
  const cells = kernel.reduce((a, b) => a * b, 1);
  const channels = c.size(c.y, 1);
  const oneHot = Float32Array.from({ length: channels * cells * cells }, (_, i) =>
    Math.floor(i / cells) % cells === i % cells ? 1 : 0,
  );
  const filter = g.filled(c.type(), [channels * cells, 1, ...kernel], oneHot);
  const all = (name: string, value: number, count = kernel.length) =>
    c.attributes.ints(name) ?? Array<number>(count).fill(value);
  const taken = g.op('Conv', [dy, filter], {
    group: channels,
    kernel_shape: kernel,
    strides: all('strides', 1),
    dilations: all('dilations', 1),
    pads: all('pads', 0, 2 * kernel.length),
  });
  return g.op('Reshape', [taken, g.ints([0, channels * cells, -1])]);
});
