import type { ElementType } from '../model/element-types.js';
import type { Builder } from './builder.js';
import type { Decomposition } from './decomposition.js';

/**
 * Each cell of the kernel looks where an offset of its own tells (Zhu et al. 2019, eq. 1): the image is sampled there by GridSample,
 * weighed by the mask, and summed by a convolution whose window is the list of cells.
 */
export const deformableConvolution: Decomposition = (g, node, c) => {
  const { attributes } = node;
  const [x, w, offset, bias, mask] = node.inputs;
  const type = c.type(x);
  const [sizes, kernel, made] = [c.dims(x)?.slice(1), c.dims(w), c.dims(offset)?.slice(2)];
  const known = [sizes, kernel, made].every((all) => all?.every((size) => typeof size === 'number'));
  if (!type || !known || sizes!.length !== 3) return undefined;
  const [channels, height, width] = sizes as number[];
  // An image of one row or column has no distance to measure by.
  if (height < 2 || width < 2) return undefined;
  const [filters, within, kh, kw] = kernel as number[];
  const [oh, ow] = made as number[];
  const groups = attributes.int('offset_group', 1);
  const [strides, dilations] = ['strides', 'dilations'].map((name) => attributes.ints(name) ?? [1, 1]);
  const pads = attributes.ints('pads') ?? [0, 0, 0, 0];
  const cells = kh * kw;
  const spread = { g, type, cells, oh, ow };
  const ys = (k: number, i: number) => i * strides[0] - pads[0] + Math.floor(k / kw) * dilations[0];
  const xs = (k: number, _: number, j: number) => j * strides[1] - pads[1] + (k % kw) * dilations[1];
  // [n, groups · cells · 2, oh, ow] as [n · groups, cells · oh, ow, 2]: first down, then to the right.
  const offsets = g.op('Reshape', [offset, g.ints([-1, cells, 2, oh * ow])]);
  const along = (part: number, place: (k: number, i: number, j: number) => number, size: number) => {
    const moved = g.op('Gather', [offsets, g.scalar(part, 'int64')], { axis: 2 });
    const at = g.add(moved, places(spread, place));
    const unit = g.sub(g.mul(at, g.scalar(2 / (size - 1), type)), g.scalar(1, type));
    return g.op('Reshape', [unit, g.ints([-1, cells * oh, ow, 1])]);
  };
  const grid = g.op('Concat', [along(1, xs, width), along(0, ys, height)], { axis: -1 });
  const images = g.op('Reshape', [x, g.ints([-1, channels / groups, height, width])]);
  const sampled = g.op('GridSample', [images, grid], {
    align_corners: 1,
    mode: c.opset >= 20 ? 'linear' : 'bilinear',
    padding_mode: 'zeros',
  });
  const seen = g.op('Reshape', [sampled, g.ints([-1, channels / groups, cells, oh * ow])]);
  const weighed = mask ? g.mul(seen, g.op('Reshape', [mask, g.ints([-1, 1, cells, oh * ow])])) : seen;
  const whole = g.op('Reshape', [weighed, g.ints([-1, channels, cells, oh * ow])]);
  const filter = g.op('Reshape', [w, g.ints([filters, within, cells, 1])]);
  const summed = g.op('Conv', bias ? [whole, filter, bias] : [whole, filter], {
    group: attributes.int('group', 1),
  });
  return [g.op('Reshape', [summed, g.ints([-1, filters, oh, ow])])];
};

/** Where each cell would look without an offset: [1, cells, oh · ow]. */
function places(
  { g, type, cells, oh, ow }: { g: Builder; type: ElementType; cells: number; oh: number; ow: number },
  place: (k: number, i: number, j: number) => number,
): string {
  const values = Array.from({ length: cells * oh * ow }, (_, at) => {
    const [k, cell] = [Math.floor(at / (oh * ow)), at % (oh * ow)];
    return place(k, Math.floor(cell / ow), cell % ow);
  });
  return g.filled(type, [1, cells, oh * ow], values);
}
