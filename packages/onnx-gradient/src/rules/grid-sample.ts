import type { Rule, RuleContext } from './rule.js';

interface Axis {
  /** Pixels along it. */
  size: number;
  /** Position in pixels [N, Ho, Wo], and how much it changes with the grid. */
  at: string;
  slope: string;
  /** ⌊at⌋, or the nearest pixel. */
  low: string;
}

/** The position along one axis (0: x, 1: y) that the grid, in [−1, 1], means. */
function axisOf(c: RuleContext, k: number, size: number, nearest: boolean): Axis {
  const { g } = c;
  const grid = c.node.inputs[1];
  const aligned = c.attributes.int('align_corners', 0) === 1;
  const value = g.op('Gather', [grid, g.scalar(k, 'int64')], { axis: -1 });
  const half = (aligned ? size - 1 : size) / 2;
  let at = g.add(g.mul(value, c.scalar(half)), c.scalar((size - 1) / 2));
  let slope = c.scalar(half);
  const padding = c.attributes.string('padding_mode', 'zeros');
  if (padding === 'reflection') c.unsupported('padding by reflection');
  if (padding === 'border') {
    const inside = g.op('And', [g.op('Greater', [at, c.scalar(0)]), g.op('Less', [at, c.scalar(size - 1)])]);
    slope = g.where(inside, slope, c.scalar(0));
    at = g.op('Clip', [at, c.scalar(0), c.scalar(size - 1)]);
  }
  return { size, at, slope, low: g.op(nearest ? 'Round' : 'Floor', [at]) };
}

/**
 * y is a weighted sum of the pixels around each position (Jaderberg et al. 2015, eqs. 5 to 7): the image's gradient goes to
 * those pixels by the same weights, the grid's is the difference between them.
 */
export const gridSample: Rule = (c) => {
  const { g, dy, x } = c;
  const grid = c.node.inputs[1];
  const mode = c.attributes.string('mode', 'linear');
  const nearest = mode === 'nearest';
  if (!nearest && mode !== 'linear' && mode !== 'bilinear') c.unsupported(`the mode "${mode}"`);
  if (c.dims().length !== 4) c.unsupported('a grid of other than two dimensions');
  const [px, py] = [axisOf(c, 0, c.size(x, 3), nearest), axisOf(c, 1, c.size(x, 2), nearest)];
  const flat = (name: string) => g.op('Reshape', [name, g.ints([0, 0, -1])]);
  const row = (name: string) => g.op('Reshape', [name, g.ints([0, 1, -1])]);
  const [image, cotangent] = [flat(x), flat(dy)];
  const one = c.scalar(1);
  const corners = nearest
    ? [[0, 0]]
    : [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ];
  let dImage = g.expandLike(c.scalar(0), image);
  const dGrid: [string[], string[]] = [[], []];
  for (const corner of corners) {
    const along = [px, py].map((axis, k) => {
      const cell = corner[k] === 1 ? g.add(axis.low, one) : axis.low;
      const last = c.scalar(axis.size - 1);
      const inside = g.op('And', [
        g.op('GreaterOrEqual', [cell, c.scalar(0)]),
        g.op('LessOrEqual', [cell, last]),
      ]);
      const part = g.sub(axis.at, axis.low);
      const weight = nearest ? one : corner[k] === 1 ? part : g.sub(one, part);
      const index = g.cast(g.op('Clip', [cell, c.scalar(0), last]), 'int64');
      return { index, inside: g.cast(inside, c.type()), weight, sign: corner[k] === 1 ? 1 : -1 };
    });
    const [ax, ay] = along;
    const cell = row(g.add(g.mul(ay.index, g.scalar(px.size, 'int64')), ax.index));
    const indices = g.op('Expand', [cell, g.shape(cotangent)]);
    const valid = g.mul(ax.inside, ay.inside);
    if (c.needs[0]) {
      const weight = row(g.mul(valid, g.mul(ax.weight, ay.weight)));
      const updates = g.mul(cotangent, weight);
      dImage = g.op('ScatterElements', [dImage, indices, updates], { axis: 2, reduction: 'add' });
    }
    if (c.needs[1] && !nearest) {
      const pixels = g.op('GatherElements', [image, indices], { axis: 2 });
      const summed = g.mul(g.sum(g.mul(cotangent, pixels), [1]), row(valid));
      dGrid[0].push(g.mul(summed, row(g.mul(ay.weight, c.scalar(ax.sign)))));
      dGrid[1].push(g.mul(summed, row(g.mul(ax.weight, c.scalar(ay.sign)))));
    }
  }
  const whole = () => {
    const parts = [px, py].map((axis, k) => {
      const shaped = g.op('Reshape', [g.op('Sum', dGrid[k]), g.shape(axis.at)]);
      return g.op('Unsqueeze', [g.mul(shaped, axis.slope), g.ints([-1])]);
    });
    return g.op('Concat', parts, { axis: -1 });
  };
  return [
    c.needs[0] ? g.op('Reshape', [dImage, g.shape(x)]) : undefined,
    c.needs[1] ? (nearest ? g.expandLike(c.scalar(0), grid) : whole()) : undefined,
  ];
};
