import type { Window } from '../shapes/spatial.js';
import { transposeAttributes, window } from './convolution.js';
import { type Rule, type RuleContext, single } from './rule.js';

const apart = (w: Window) => w.kernel.every((k, i) => w.strides[i] >= (k - 1) * w.dilations[i] + 1);
const product = (values: readonly number[]) => values.reduce((a, b) => a * b, 1);

/** How many cells of each window lie in the image: [1, 1, …output sizes]. */
function counts(c: RuleContext, w: Window): number[] {
  const includePad = c.attributes.int('count_include_pad', 0) === 1;
  const perAxis = w.kernel.map((k, i) => {
    const size = c.size(c.x, i + 2);
    const [low, high] = includePad ? [-w.begin[i], size + w.end[i]] : [0, size];
    return Array.from({ length: c.size(c.y, i + 2) }, (_, o) => {
      const cells = Array.from({ length: k }, (_, j) => o * w.strides[i] - w.begin[i] + j * w.dilations[i]);
      return cells.filter((cell) => cell >= low && cell < high).length;
    });
  });
  return perAxis.reduce<number[]>((all, axis) => all.flatMap((a) => axis.map((b) => a * b)), [1]);
}

const averagePool = single((c) => {
  const { g, dy } = c;
  const kernel = c.attributes.ints('kernel_shape')!;
  const w = window(c, kernel);
  const channels = c.size(c.x, 1);
  const whole = [...w.begin, ...w.end].every((pad) => pad === 0) && c.attributes.int('ceil_mode', 0) === 0;
  const type = c.type();
  let share = dy;
  let weight = 1 / product(kernel);
  if (!whole) {
    const sizes = kernel.map((_, i) => c.size(c.y, i + 2));
    share = g.div(dy, g.filled(type, [1, 1, ...sizes], counts(c, w)));
    weight = 1;
  }
  const ones = g.filled(
    type,
    [channels, 1, ...kernel],
    Array<number>(channels * product(kernel)).fill(weight),
  );
  return g.op('ConvTranspose', [share, ones], { group: channels, ...transposeAttributes(c, w) });
});

/** The gradient goes back to where each maximum was. */
function byIndices(c: RuleContext, w: Window): string {
  const { g, x, dy } = c;
  const inside = [...w.begin, ...w.end].every((pad) => pad === 0) && c.attributes.int('ceil_mode', 0) === 0;
  if (apart(w) && inside) {
    const attributes = { kernel_shape: w.kernel, strides: w.strides };
    const sizes = quartered(c, w);
    if (!sizes) return g.op('MaxUnpool', [dy, c.extraOutput(1), g.shape(x)], attributes);
    // The shape of x itself would have x brought into another layout.
    const shape = g.op('Concat', [g.op('Shape', [dy], { start: 0, end: 1 }), g.ints(sizes)], { axis: 0 });
    return g.op('MaxUnpool', [dy, cornerIndices(c, sizes), shape], attributes);
  }
  const indices = c.extraOutput(1);
  const flat = (name: string) => g.op('Reshape', [name, g.ints([-1])]);
  const zeros = g.op('Expand', [c.scalar(0), g.op('Reshape', [g.op('Size', [x]), g.ints([1])])]);
  const spread = g.op('ScatterElements', [zeros, flat(indices), flat(dy)], { axis: 0, reduction: 'add' });
  return g.op('Reshape', [spread, g.shape(x)]);
}

/** Channels and sizes of an image that windows of 2×2 cover without rest; nothing for any other pool. */
function quartered(c: RuleContext, w: Window): [number, number, number] | undefined {
  const sizes = c.dims(c.x).slice(1);
  const whole = sizes.every((size) => typeof size === 'number');
  const two = w.kernel.length === 2 && [...w.kernel, ...w.strides].every((size) => size === 2);
  const plain = c.type() === 'float32' && w.dilations.every((step) => step === 1);
  if (!(whole && two && plain) || sizes.slice(1).some((size) => Number(size) % 2 !== 0)) return undefined;
  return sizes as [number, number, number];
}

/**
 * Positions of the maxima of windows of 2×2, as the pool itself gives them, the first of equal ones. Where the first cell is as
 * large as the window, it is the one; else where the first two are, the second, and so on: four pools without positions, which
 * ONNX Runtime has fast code for (the pool that gives them takes as long as the convolution before it).
 */
function cornerIndices(c: RuleContext, [channels, height, width]: [number, number, number]): string {
  const { ahead: g, x, y } = c;
  const whole = { strides: [2, 2] };
  const reaches = (kernel: number[]) =>
    g.op('Equal', [g.op('MaxPool', [x], { kernel_shape: kernel, ...whole }), y]);
  const small = width < 255 ? 'uint8' : 'int64';
  const offset = [
    [reaches([1, 1]), 0],
    [reaches([1, 2]), 1],
    [reaches([2, 1]), width],
  ].reduceRight(
    (rest, [found, at]) => g.where(found as string, g.scalar(at as number, small), rest),
    g.scalar(width + 1, small),
  );
  const [rows, columns] = [height / 2, width / 2];
  const corners = Array.from(
    { length: rows * columns },
    (_, i) => 2 * width * Math.floor(i / columns) + 2 * (i % columns),
  );
  const count = g.mul(g.op('Shape', [y], { start: 0, end: 1 }), g.ints([channels]));
  const one = g.op('Squeeze', [count]);
  const planes = g.op('Range', [g.scalar(0, 'int64'), one, g.scalar(1, 'int64')]);
  const starts = g.mul(planes, g.scalar(height * width, 'int64'));
  const base = g.add(
    g.op('Reshape', [starts, g.ints([-1, channels, 1, 1])]),
    g.filled('int64', [1, 1, rows, columns], corners),
  );
  return g.add(base, g.cast(offset, 'int64'));
}

/**
 * For devices whose pool does not tell positions: each window's cells are compared with the maximum, and cells that
 * share it share the gradient, which transposed convolutions with one-hot filters put back in its places.
 */
function byEquality(c: RuleContext, w: Window): string {
  const { g, x, y, dy } = c;
  const type = c.type();
  const channels = c.size(x, 1);
  const cells = product(w.kernel);
  const spatial = w.kernel.map((_, i) => c.size(y, i + 2));
  // Windows may reach past the padding where sizes were rounded up.
  const need = w.kernel.map((k, i) =>
    Math.max(
      w.end[i],
      (spatial[i] - 1) * w.strides[i] + (k - 1) * w.dilations[i] + 1 - c.size(x, i + 2) - w.begin[i],
    ),
  );
  let padded = x;
  if ([...w.begin, ...need].some((pad) => pad > 0)) {
    const lowest = c.scalar(type === 'float16' ? -60000 : -1e30);
    padded = g.op('Pad', [x, g.ints([0, 0, ...w.begin, 0, 0, ...need]), lowest]);
  }
  // One slice for every cell of a window: [n, c, cells, …windows]. (A convolution would do, but is not exact.)
  const axes = w.kernel.map((_, i) => i + 2);
  const offsets = w.kernel.reduce<number[][]>(
    (all, k) => all.flatMap((at) => Array.from({ length: k }, (_, j) => [...at, j])),
    [[]],
  );
  const slices = offsets.map((at) => {
    const starts = at.map((j, i) => j * w.dilations[i]);
    const ends = starts.map((start, i) => start + (spatial[i] - 1) * w.strides[i] + 1);
    const slice = g.op('Slice', [padded, g.ints(starts), g.ints(ends), g.ints(axes), g.ints(w.strides)]);
    return g.op('Unsqueeze', [slice, g.ints([2])]);
  });
  const split = g.op('Concat', slices, { axis: 2 });
  const top = (name: string) => g.op('Unsqueeze', [name, g.ints([2])]);
  const ties = g.cast(g.op('Equal', [split, top(y)]), type);
  const share = g.mul(ties, g.div(top(dy), g.sum(ties, [2])));
  const back = { group: channels, ...transposeAttributes(c, { ...w, end: need }) };
  return offsets
    .map((_, cell) => {
      const mine = g.op('Gather', [share, g.scalar(cell, 'int64')], { axis: 2 });
      const oneHot = Float32Array.from({ length: channels * cells }, (_, i) => (i % cells === cell ? 1 : 0));
      return g.op('ConvTranspose', [mine, g.filled(type, [channels, 1, ...w.kernel], oneHot)], back);
    })
    .reduce((sum, part) => g.add(sum, part));
}

const maxPool = single((c) => {
  const w = window(c, c.attributes.ints('kernel_shape')!);
  if (c.attributes.int('storage_order', 0) === 1) c.unsupported('column-major storage');
  return c.options.target === 'webgpu' ? byEquality(c, w) : byIndices(c, w);
});

const spatialAxes = (c: RuleContext) =>
  c
    .dims()
    .slice(2)
    .map((_, i) => i + 2);

/** What each of the cells that were averaged gets; sizes that are open are read while running. */
export function meanShare(c: RuleContext, dy: string, axes: readonly number[]): string {
  const { g, x, y } = c;
  const sizes = axes.map((axis) => c.dims()[axis]);
  if (sizes.every((size) => typeof size === 'number'))
    return g.mul(dy, c.scalar(1 / product(sizes as number[])));
  const [all, left] = [x, y].map((name) => g.cast(g.op('Size', [name]), c.type()));
  return g.mul(dy, g.div(left, all));
}

const globalAverage = single((c) => c.g.expandLike(meanShare(c, c.dy, spatialAxes(c)), c.x));

/** Cells that share the maximum share the gradient. */
export function toMaxima(c: RuleContext, y: string, dy: string, axes: readonly number[]): string {
  const { g, x } = c;
  const ties = g.cast(g.op('Equal', [x, y]), c.type());
  return g.mul(ties, g.div(dy, g.sum(ties, axes)));
}

export const poolings: Record<string, Rule> = {
  AveragePool: averagePool,
  MaxPool: maxPool,
  GlobalAveragePool: globalAverage,
  // Its positions count through the whole of what it gives.
  MaxUnpool: single((c) =>
    c.g.op('Gather', [c.g.op('Reshape', [c.dy, c.g.ints([-1])]), c.node.inputs[1]], { axis: 0 }),
  ),
  GlobalMaxPool: single((c) => toMaxima(c, c.y, c.dy, spatialAxes(c))),
};
