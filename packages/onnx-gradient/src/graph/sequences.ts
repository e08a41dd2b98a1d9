import { positive } from '../shapes/dims.js';
import type { Decomposition } from './decomposition.js';

/** More factors would make a graph of many hundreds of nodes. */
const longest = 256;

/** y_i = x_1 … x_i along an axis of known length. */
export const cumulativeProduct: Decomposition = (g, node, c) => {
  const [x, axisName] = node.inputs;
  const [dims, type, axes] = [c.dims(x), c.type(x), c.integers(axisName)];
  if (!dims || !type || axes?.length !== 1) return undefined;
  const axis = positive(axes[0], dims.length);
  const length = dims[axis];
  if (typeof length !== 'number' || length === 0 || length > longest) return undefined;
  const at = (i: number) => g.op('Slice', [x, g.ints([i]), g.ints([i + 1]), g.ints([axis])]);
  const order = Array.from({ length }, (_, i) => i);
  if (node.attributes.int('reverse', 0) === 1) order.reverse();
  const exclusive = node.attributes.int('exclusive', 0) === 1;
  const made = new Map<number, string>();
  let product: string | undefined;
  for (const i of order) {
    const before: string = product ?? g.expandLike(g.scalar(1, type), at(i));
    product = product === undefined ? at(i) : g.mul(product, at(i));
    made.set(i, exclusive ? before : product);
  }
  return [
    g.op(
      'Concat',
      Array.from({ length }, (_, i) => made.get(i)!),
      { axis },
    ),
  ];
};

/** Cuts and pads axes of known sizes around their middle; the odd one is at the end. */
export const centerCropPad: Decomposition = (g, node, c) => {
  const [x, sizes] = node.inputs;
  const [dims, wanted] = [c.dims(x), c.integers(sizes)];
  if (!dims || !wanted) return undefined;
  const axes = (node.attributes.ints('axes') ?? dims.map((_, i) => i)).map((axis) =>
    positive(axis, dims.length),
  );
  const given = axes.map((axis) => dims[axis]);
  if (!given.every((size) => typeof size === 'number') || wanted.some((size) => size < 0)) return undefined;
  const starts = given.map((size, i) => Math.floor(Math.max(0, size - wanted[i]) / 2));
  const ends = given.map((size, i) => starts[i] + Math.min(size, wanted[i]));
  const cut = g.op('Slice', [x, g.ints(starts), g.ints(ends), g.ints(axes)]);
  const missing = given.map((size, i) => Math.max(0, wanted[i] - size));
  if (missing.every((count) => count === 0)) return [cut];
  const [before, after] = [new Array<number>(dims.length).fill(0), new Array<number>(dims.length).fill(0)];
  axes.forEach((axis, i) => {
    before[axis] = Math.floor(missing[i] / 2);
    after[axis] = missing[i] - before[axis];
  });
  return [g.op('Pad', [cut, g.ints([...before, ...after])])];
};

/** Rows written into a cache from a position on, each image's own; a circular one goes on at its beginning. */
export const tensorScatter: Decomposition = (g, node, c) => {
  const [past, update, starts] = node.inputs;
  const { attributes } = node;
  const dims = c.dims(past);
  if (!dims) return undefined;
  const axis = positive(attributes.int('axis', -2), dims.length);
  const [length, written] = [dims[axis], c.dims(update)?.[axis]];
  if (typeof length !== 'number' || typeof written !== 'number') return undefined;
  const ones = (at: number, size: number) => dims.map((_, i) => (i === at ? size : 1));
  const steps = g.filled(
    'int64',
    ones(axis, written),
    Array.from({ length: written }, (_, i) => i),
  );
  const from = starts ? g.add(g.op('Reshape', [starts, g.ints(ones(0, -1))]), steps) : steps;
  const circular = attributes.string('mode', 'linear') === 'circular';
  const rows = circular ? g.op('Mod', [from, g.scalar(length, 'int64')]) : from;
  const indices = g.op('Expand', [rows, g.shape(update)]);
  return [g.op('ScatterElements', [past, indices, update], { axis })];
};
