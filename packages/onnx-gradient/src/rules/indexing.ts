import { positive } from '../shapes/dims.js';
import { type Rule, type RuleContext, single } from './rule.js';
import { scatter } from './scatter.js';

const zerosLike = (c: RuleContext, name: string) => c.g.expandLike(c.scalar(0, name), name);

/** What was taken from a cell is added to that cell. */
const gatherElements = single((c) =>
  c.g.op('ScatterElements', [zerosLike(c, c.x), c.node.inputs[1], c.dy], {
    axis: c.attributes.int('axis', 0),
    reduction: 'add',
  }),
);

const gatherNd: Rule = (c) => {
  const batches = c.attributes.int('batch_dims', 0);
  if (batches > 0) c.unsupported('a gather within each of a batch (batch_dims)');
  return [c.g.op('ScatterND', [zerosLike(c, c.x), c.node.inputs[1], c.dy], { reduction: 'add' })];
};

/** The gradient of each value that was among the largest goes back to where it was. */
const topK: Rule = (c) => {
  const axis = positive(c.attributes.int('axis', -1), c.dims().length);
  if (c.cotangents[0] === undefined) return [undefined];
  return [c.g.op('ScatterElements', [zerosLike(c, c.x), c.extraOutput(1), c.dy], { axis })];
};

/** Sums from the left have for adjoint sums from the right. */
const cumSum = single((c) =>
  c.g.op('CumSum', [c.dy, c.node.inputs[1]], {
    exclusive: c.attributes.int('exclusive', 0),
    reverse: 1 - c.attributes.int('reverse', 0),
  }),
);

const trilu = single((c) =>
  c.g.op('Trilu', [c.dy, ...c.node.inputs.slice(1)], { upper: c.attributes.int('upper', 1) }),
);

/** [r₀·d₀, …] as [r₀, d₀, …], summed over the repeats. */
const tile = single((c) => {
  const { g, dy } = c;
  const dims = c.dims();
  const repeats = c.integers(c.node.inputs[1]);
  const repeated = dims.flatMap((size, i) => (repeats[i] === 1 ? [size] : [repeats[i], size]));
  if (repeated.length === dims.length) return dy;
  if (repeated.filter((size) => typeof size === 'string').length > 1) c.unknown('all but one size');
  let at = -1;
  const axes = repeats.flatMap((count) => {
    at += count === 1 ? 1 : 2;
    return count === 1 ? [] : [at - 1];
  });
  return g.sum(g.reshape(dy, repeated), axes, 0);
});

export const indexing: Record<string, Rule> = {
  GatherElements: gatherElements,
  GatherND: gatherNd,
  ScatterElements: scatter('ScatterElements'),
  ScatterND: scatter('ScatterND'),
  TopK: topK,
  CumSum: cumSum,
  Trilu: trilu,
  Tile: tile,
};
