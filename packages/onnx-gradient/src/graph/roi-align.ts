import type { Decomposition } from './decomposition.js';

/**
 * The mean of bilinear samples in each cell of a grid over each box (He et al. 2017, section 3): the box's image, sampled where
 * GridSample is told to, and pooled. Points more than a pixel outside are 0.
 */
export const roiAlign: Decomposition = (g, node, c) => {
  const [x, boxes, batch] = node.inputs;
  const { attributes } = node;
  const type = c.type(x);
  const [height, width] = (c.dims(x) ?? []).slice(2);
  const ratio = attributes.int('sampling_ratio', 0);
  const average = attributes.string('mode', 'avg') === 'avg';
  // Without a ratio each box has its own count of samples; ONNX's maximum is of weighted corners, which nobody trains with.
  if (!type || typeof height !== 'number' || typeof width !== 'number' || ratio < 1 || !average)
    return undefined;
  const [rows, columns] = [attributes.int('output_height', 1), attributes.int('output_width', 1)];
  const half =
    c.opset >= 16 && attributes.string('coordinate_transformation_mode', 'half_pixel') === 'half_pixel';
  const number = (value: number) => g.scalar(value, type);
  const corner = (k: number) => {
    const at = g.op('Slice', [boxes, g.ints([k]), g.ints([k + 1]), g.ints([1])]);
    const scaled = g.mul(at, number(attributes.float('spatial_scale', 1)));
    return half ? g.sub(scaled, number(0.5)) : scaled;
  };
  /** [boxes, samples] positions along an axis, in pixels. */
  const places = (k: number, cells: number) => {
    const [start, end] = [corner(k), corner(k + 2)];
    const length = half ? g.sub(end, start) : g.op('Max', [g.sub(end, start), number(1)]);
    const shares = Array.from({ length: cells * ratio }, (_, i) => (i + 0.5) / (cells * ratio));
    return g.add(start, g.mul(length, g.filled(type, [1, shares.length], shares)));
  };
  const [ys, xs] = [places(1, rows), places(0, columns)];
  const inside = (at: string, size: number) =>
    g.op('And', [g.op('GreaterOrEqual', [at, number(-1)]), g.op('LessOrEqual', [at, number(size)])]);
  /** Pixels in [−1, 1], corner on corner. */
  const unit = (at: string, size: number) =>
    size > 1 ? g.sub(g.mul(at, number(2 / (size - 1))), number(1)) : g.mul(at, number(0));
  const shape = g.op(
    'Concat',
    [g.op('Gather', [g.shape(boxes), g.ints([0])]), g.ints([rows * ratio, columns * ratio, 1])],
    { axis: 0 },
  );
  const spread = (at: string, axis: number) =>
    g.op('Expand', [g.op('Unsqueeze', [at, g.ints([axis, 3])]), shape]);
  const grid = g.op('Concat', [spread(unit(xs, width), 1), spread(unit(ys, height), 2)], { axis: -1 });
  const images = g.op('Gather', [x, batch], { axis: 0 });
  const sampled = g.op('GridSample', [images, grid], {
    align_corners: 1,
    mode: c.opset >= 20 ? 'linear' : 'bilinear',
    padding_mode: 'border',
  });
  const valid = g.op('And', [
    g.op('Unsqueeze', [inside(ys, height), g.ints([1, 3])]),
    g.op('Unsqueeze', [inside(xs, width), g.ints([1, 2])]),
  ]);
  const kept = g.where(valid, sampled, number(0));
  return [g.op('AveragePool', [kept], { kernel_shape: [ratio, ratio], strides: [ratio, ratio] })];
};
