import { positive } from '../shapes/dims.js';
import { sliceRanges } from '../shapes/layout.js';
import { adjointAlong, placeAlong } from './along-axis.js';
import { type Rule, type RuleContext, single } from './rule.js';

/** Operators that only rename positions: the gradient takes the input's shape again. */
const reshaped = single((c) => c.g.reshape(c.dy, c.dims(), c.x));

const transpose = single((c) => {
  const rank = c.dims().length;
  const perm = c.attributes.ints('perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  return c.g.transpose(
    c.dy,
    perm.map((_, i) => perm.indexOf(i)),
  );
});

const concat: Rule = (c) => {
  const { g, dy, y } = c;
  const axis = positive(c.attributes.int('axis', 0), c.dims(y).length);
  let from = g.ints([0]);
  let known: number | undefined = 0;
  return c.node.inputs.map((input, i) => {
    const start = from;
    const size = c.dims(input)[axis];
    known = known !== undefined && typeof size === 'number' ? known + size : undefined;
    // A size that is open, such as the batch's, is read while running.
    from =
      known === undefined
        ? g.add(start, g.op('Shape', [input], { start: axis, end: axis + 1 }))
        : g.ints([known]);
    return c.needs[i] ? g.op('Slice', [dy, start, from, g.ints([axis])]) : undefined;
  });
};

const split: Rule = (c) => {
  const { g, node } = c;
  const axis = positive(c.attributes.int('axis', 0), c.dims().length);
  const parts = node.outputs.map((output, i) => c.cotangents[i] ?? g.expandLike(c.scalar(0), output));
  return [g.op('Concat', parts, { axis })];
};

const slice = single((c) => {
  const ranges = sliceRanges(c);
  const rank = c.dims().length;
  const open = ranges?.filter(
    ({ start, step, end, count }) =>
      count === undefined && !(start === 0 && step === 1 && end >= 2 ** 31 - 1),
  );
  if (!ranges || open!.length > 0) return paddedBack(c);
  // Nothing was taken: zeros all over.
  if (ranges.some(({ count }) => count === 0)) return c.g.expandLike(c.scalar(0), c.x);
  return ranges.reduce((gradient, { axis, start, step, count }) => {
    if (count === undefined) return gradient;
    const indices = Array.from({ length: count }, (_, i) => start + i * step);
    return placeAlong(c, gradient, axis, indices, c.size(c.x, axis), rank);
  }, c.dy);
});

/** A part whose place only running tells: zeros before it and behind it, as many as are missing. */
function paddedBack(c: RuleContext): string {
  const { g, node, dy, x } = c;
  const rank = c.dims().length;
  const [, starts, , axesName, steps] = node.inputs;
  if (steps && !c.integers(steps).every((step) => step === 1)) c.unknown('where it starts and ends');
  const count = c.dims(starts)[0];
  const given = axesName ? c.integers(axesName) : undefined;
  if (!given && typeof count !== 'number') c.unknown('how many axes it cuts');
  const axes = (given ?? Array.from({ length: count as number }, (_, i) => i)).map((axis) =>
    positive(axis, rank),
  );
  const sizes = g.op('Gather', [g.shape(x), g.ints(axes)]);
  const zero = g.scalar(0, 'int64');
  const from = g.cast(starts, 'int64');
  const whole = g.where(g.op('Less', [from, zero]), g.add(from, sizes), from);
  const inside = g.op('Min', [g.op('Max', [whole, zero]), sizes]);
  const none = g.ints(Array<number>(rank).fill(0));
  const before = g.op('ScatterElements', [none, g.ints(axes), inside]);
  const behind = g.sub(g.sub(g.shape(x), g.shape(dy)), before);
  return g.op('Pad', [dy, g.op('Concat', [before, behind], { axis: 0 }), c.scalar(0)]);
}

const gather: Rule = (c) => {
  const { node, dy } = c;
  const dims = c.dims();
  const axis = positive(c.attributes.int('axis', 0), dims.length);
  const at = c.types.integers(node.inputs[1]);
  if (!at) return [scattered(c, axis)];
  const size = c.size(c.x, axis);
  const indices = at.map((index) => positive(index, size));
  // Whatever shape the indices have, along one axis they are a list.
  const flat = [...dims.slice(0, axis), indices.length, ...dims.slice(axis + 1)];
  const scalarOrMatrix = c.dims(node.inputs[1]).length !== 1;
  const list = scalarOrMatrix ? flatAlong(c, dy, flat) : dy;
  return [placeAlong(c, list, axis, indices, size, dims.length)];
};

/** Positions that only running tells: what was taken from a row is added to that row. */
function scattered(c: RuleContext, axis: number): string {
  const { g, node, dy, x } = c;
  const rank = c.dims().length;
  const positions = c.dims(node.inputs[1]).length;
  const rows = g.op('Unsqueeze', [node.inputs[1], g.ints([-1])]);
  const zeros = g.expandLike(c.scalar(0), x);
  if (axis === 0) return g.op('ScatterND', [zeros, rows, dy], { reduction: 'add' });
  // The axis and the positions first, then back.
  const order = (count: number) => {
    const all = Array.from({ length: rank - 1 + count }, (_, i) => i);
    return [...all.splice(axis, count), ...all];
  };
  const first = order(1);
  const added = g.op('ScatterND', [g.transpose(zeros, first), rows, g.transpose(dy, order(positions))], {
    reduction: 'add',
  });
  return g.transpose(
    added,
    first.map((_, i) => first.indexOf(i)),
  );
}

const flatAlong = (c: RuleContext, dy: string, dims: readonly (number | string)[]): string =>
  dims.filter((size) => typeof size === 'string').length <= 1
    ? c.g.reshape(dy, dims)
    : c.unknown(`all but one size of "${c.x}"`);

/** Where each cell of a padded axis comes from; −1 for the constant. */
function sources(mode: string, size: number, before: number, after: number): number[] {
  return Array.from({ length: Math.max(0, size + before + after) }, (_, i) => {
    const at = i - before;
    if (at >= 0 && at < size) return at;
    if (mode === 'edge') return at < 0 ? 0 : size - 1;
    if (mode === 'wrap') return ((at % size) + size) % size;
    if (mode === 'constant') return -1;
    const period = Math.max(1, 2 * (size - 1));
    const folded = ((at % period) + period) % period;
    return folded < size ? folded : period - folded;
  });
}

const pad = single((c) => {
  const { g, node, x } = c;
  const rank = c.dims().length;
  const pads = c.integers(node.inputs[1]);
  const axes = node.inputs[3]
    ? c.integers(node.inputs[3]).map((axis) => positive(axis, rank))
    : c.dims().map((_, i) => i);
  const mode = c.attributes.string('mode', 'constant');
  return axes.reduce((gradient, axis, k) => {
    const [before, after] = [pads[k], pads[k + axes.length]];
    if (before === 0 && after === 0) return gradient;
    if (mode === 'constant' && before >= 0 && after >= 0) {
      const end = after === 0 ? 2 ** 31 : -after;
      return g.op('Slice', [gradient, g.ints([before]), g.ints([end]), g.ints([axis])]);
    }
    const size = c.size(x, axis);
    const rows = sources(mode, size, before, after).map((from) =>
      Array.from({ length: size }, (_, i) => (i === from ? 1 : 0)),
    );
    return adjointAlong(c, gradient, axis, rows, size, rank);
  }, c.dy);
});

/** Blocks of depth spread over space, in the two orders ONNX knows, and back. */
const depthToSpace = single((c) => {
  const { g, dy } = c;
  const b = c.attributes.int('blocksize', 1);
  if (c.attributes.string('mode', 'DCR') === 'DCR') return g.op('SpaceToDepth', [dy], { blocksize: b });
  const dims = c.dims();
  const [channels, h, w] = [1, 2, 3].map((axis) => c.size(c.x, axis));
  const apart = g.op('Reshape', [dy, g.ints([-1, channels / (b * b), h, b, w, b])]);
  return g.reshape(g.transpose(apart, [0, 1, 3, 5, 2, 4]), dims, c.x);
});

const spaceToDepth = single((c) =>
  c.g.op('DepthToSpace', [c.dy], { blocksize: c.attributes.int('blocksize', 1), mode: 'DCR' }),
);

export const layouts: Record<string, Rule> = {
  Flatten: reshaped,
  Reshape: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  Pad: pad,
  Expand: single((c) => c.unbroadcast(c.dy, c.x)),
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
