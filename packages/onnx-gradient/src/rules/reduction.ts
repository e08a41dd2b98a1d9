import { positive } from '../shapes/dims.js';
import { meanShare, toMaxima } from './pooling.js';
import { type Rule, type RuleContext, single } from './rule.js';

function axesOf(c: RuleContext): number[] {
  const rank = c.dims().length;
  const given = c.node.inputs[1] ? c.integers(c.node.inputs[1]) : [];
  if (given.length > 0) return given.map((axis) => positive(axis, rank));
  const none = c.attributes.int('noop_with_empty_axes', 0) === 1;
  return none ? [] : Array.from({ length: rank }, (_, i) => i);
}

/** A reduced value or cotangent with its axes back, of size 1. */
function kept(c: RuleContext, name: string): string {
  if (c.attributes.int('keepdims', 1) === 1) return name;
  return c.g.op('Unsqueeze', [name, c.g.ints(axesOf(c))]);
}

const mean = single((c) => c.g.expandLike(meanShare(c, kept(c, c.dy), axesOf(c)), c.x));

const extremum = single((c) => toMaxima(c, kept(c, c.y), kept(c, c.dy), axesOf(c)));

/** Where the length is 0 so is the gradient, as in PyTorch. */
const norm = single((c) => {
  const { g, x } = c;
  const y = kept(c, c.y);
  const unit = g.where(g.op('Equal', [y, c.scalar(0)]), c.scalar(0), g.div(kept(c, c.dy), y));
  return g.mul(x, unit);
});

/** The product of the others: of two zeros or more among them nothing is left. */
const product = single((c) => {
  const { g, x } = c;
  const axes = axesOf(c);
  const isZero = g.op('Equal', [x, c.scalar(0)]);
  const zeros = g.sum(g.cast(isZero, c.type()), axes);
  const filled = g.where(isZero, c.scalar(1), x);
  const rest = g.op('ReduceProd', [filled, g.ints(axes)], { keepdims: 1 });
  const none = g.cast(g.op('Equal', [zeros, c.scalar(0)]), c.type());
  const single = g.cast(g.op('Equal', [zeros, c.scalar(1)]), c.type());
  const others = g.where(isZero, g.mul(rest, single), g.div(g.mul(rest, none), filled));
  return g.mul(kept(c, c.dy), others);
});

const axisOf = (c: RuleContext) => positive(c.attributes.int('axis', -1), c.dims().length);

/** dx = y (dy − Σ dy y), and 0 where all was masked and the model puts something else in the place of NaN. */
const softmax = single((c) => {
  const { g, dy } = c;
  const y = c.options.guarded.has(c.y) ? g.where(g.op('IsNaN', [c.y]), c.scalar(0), c.y) : c.y;
  return g.mul(y, g.sub(dy, g.sum(g.mul(dy, y), [axisOf(c)])));
});

/** dx = dy − eʸ Σ dy */
const logSoftmax = single((c) => {
  const { g, y, dy } = c;
  return g.sub(dy, g.mul(g.op('Exp', [y]), g.sum(dy, [axisOf(c)])));
});

export const reductions: Record<string, Rule> = {
  ReduceSum: single((c) => c.g.expandLike(kept(c, c.dy), c.x)),
  ReduceMean: mean,
  ReduceMax: extremum,
  ReduceMin: extremum,
  ReduceLogSumExp: single((c) => {
    const { g, x } = c;
    return g.mul(kept(c, c.dy), g.op('Exp', [g.sub(x, kept(c, c.y))]));
  }),
  ReduceSumSquare: single((c) => c.g.mul(kept(c, c.dy), c.g.mul(c.scalar(2), c.x))),
  ReduceL1: single((c) => c.g.mul(kept(c, c.dy), c.g.op('Sign', [c.x]))),
  ReduceL2: norm,
  ReduceLogSum: single((c) => {
    const { g, x } = c;
    return g.expandLike(g.div(kept(c, c.dy), g.sum(x, axesOf(c))), x);
  }),
  ReduceProd: product,
  Softmax: softmax,
  LogSoftmax: logSoftmax,
};
