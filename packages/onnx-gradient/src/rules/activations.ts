import { float } from '../model/attributes.js';
import { type Rule, type RuleContext, single } from './rule.js';

/** dy where x > 0, otherwise dy times a slope. The sign is read off `from`. */
const leaky = (c: RuleContext, from: string, below: (g: RuleContext['g']) => string): string =>
  c.g.where(c.g.op('Greater', [from, c.scalar(0)]), c.dy, c.g.mul(c.dy, below(c.g)));

/**
 * 1 where a value that is never negative is above zero, else 0: min(3·10³⁸ y, 1), half the time of a comparison and
 * a choice. y > 0 exactly where x > 0, so a rectifier's input need not be kept.
 */
const step = (c: RuleContext, y: string): string =>
  c.type(y) === 'float32'
    ? c.g.op('HardSigmoid', [y], { alpha: float(3e38), beta: float(0) })
    : c.g.cast(c.g.op('Greater', [y, c.scalar(0, y)]), c.type(y));

const sigmoidOf = (c: RuleContext, x: string) => c.g.op('Sigmoid', [x]);

/** Φ(x) + x φ(x), with the normal distribution or its tanh approximation (Hendrycks & Gimpel 2016). */
function gelu(c: RuleContext): string {
  const { g, x } = c;
  const half = c.scalar(0.5);
  if (c.attributes.string('approximate', 'none') === 'none') {
    const cdf = g.mul(half, g.add(c.scalar(1), g.op('Erf', [g.mul(x, c.scalar(Math.SQRT1_2))])));
    const square = g.mul(g.mul(x, x), c.scalar(-0.5));
    const density = g.mul(c.scalar(1 / Math.sqrt(2 * Math.PI)), g.op('Exp', [square]));
    return g.mul(c.dy, g.add(cdf, g.mul(x, density)));
  }
  const [a, b] = [Math.sqrt(2 / Math.PI), 0.044715];
  const square = g.mul(x, x);
  const inner = g.mul(x, g.add(c.scalar(a), g.mul(c.scalar(a * b), square)));
  const t = g.op('Tanh', [inner]);
  const slope = g.add(c.scalar(a), g.mul(c.scalar(3 * a * b), square));
  const rest = g.mul(g.mul(x, slope), g.sub(c.scalar(1), g.mul(t, t)));
  return g.mul(c.dy, g.mul(half, g.add(g.add(c.scalar(1), t), rest)));
}

/** x tanh(softplus(x)) (Misra 2019). */
function mish(c: RuleContext): string {
  const { g, x } = c;
  const t = g.op('Tanh', [g.op('Softplus', [x])]);
  const inner = g.mul(g.sub(c.scalar(1), g.mul(t, t)), sigmoidOf(c, x));
  return g.mul(c.dy, g.add(t, g.mul(x, inner)));
}

function hardSwish(c: RuleContext): string {
  const { g, x } = c;
  const linear = g.add(g.mul(x, c.scalar(1 / 3)), c.scalar(0.5));
  const above = g.op('GreaterOrEqual', [x, c.scalar(3)]);
  const below = g.op('LessOrEqual', [x, c.scalar(-3)]);
  return g.mul(c.dy, g.where(above, c.scalar(1), g.where(below, c.scalar(0), linear)));
}

function hardSigmoid(c: RuleContext): string {
  const { g, y } = c;
  const inside = g.op('And', [g.op('Greater', [y, c.scalar(0)]), g.op('Less', [y, c.scalar(1)])]);
  return g.where(inside, g.mul(c.dy, c.scalar(c.attributes.float('alpha', Math.fround(0.2)))), c.scalar(0));
}

const prelu: Rule = (c) => {
  const { g, x, dy } = c;
  const slope = c.node.inputs[1];
  const positive = g.op('Greater', [x, c.scalar(0)]);
  return [
    c.needs[0] ? g.where(positive, dy, g.mul(dy, slope)) : undefined,
    c.needs[1] ? c.unbroadcast(g.where(positive, c.scalar(0), g.mul(dy, x)), slope) : undefined,
  ];
};

export const activations: Record<string, Rule> = {
  Relu: single((c) => c.g.mul(c.dy, step(c, c.y))),
  LeakyRelu: single((c) => leaky(c, c.x, () => c.scalar(c.attributes.float('alpha', Math.fround(0.01))))),
  PRelu: prelu,
  ThresholdedRelu: single((c) => {
    const above = c.g.op('Greater', [c.x, c.scalar(c.attributes.float('alpha', 1))]);
    return c.g.where(above, c.dy, c.scalar(0));
  }),
  // Passed on beyond ±λ, shifted by the bias.
  Shrink: single((c) => {
    const beyond = c.g.op('Greater', [c.g.op('Abs', [c.x]), c.scalar(c.attributes.float('lambd', 0.5))]);
    return c.g.where(beyond, c.dy, c.scalar(0));
  }),
  Elu: single((c) => leaky(c, c.x, (g) => g.add(c.y, c.scalar(c.attributes.float('alpha', 1))))),
  Selu: single((c) => {
    const alpha = c.attributes.float('alpha', Math.fround(1.67326319217681884765625));
    const gamma = c.attributes.float('gamma', Math.fround(1.05070102214813232421875));
    const slope = c.g.add(c.y, c.scalar(alpha * gamma));
    return c.g.mul(c.dy, c.g.where(c.g.op('Greater', [c.x, c.scalar(0)]), c.scalar(gamma), slope));
  }),
  Celu: single((c) =>
    leaky(c, c.x, (g) => g.add(g.mul(c.y, c.scalar(1 / c.attributes.float('alpha', 1))), c.scalar(1))),
  ),
  Gelu: single(gelu),
  Sigmoid: single((c) => c.g.mul(c.dy, c.g.mul(c.y, c.g.sub(c.scalar(1), c.y)))),
  HardSigmoid: single(hardSigmoid),
  HardSwish: single(hardSwish),
  Mish: single(mish),
  Softplus: single((c) => c.g.mul(c.dy, sigmoidOf(c, c.x))),
  Softsign: single((c) => {
    const bottom = c.g.add(c.scalar(1), c.g.op('Abs', [c.x]));
    return c.g.div(c.dy, c.g.mul(bottom, bottom));
  }),
  Tanh: single((c) => c.g.mul(c.dy, c.g.sub(c.scalar(1), c.g.mul(c.y, c.y)))),
  Erf: single((c) => {
    const square = c.g.neg(c.g.mul(c.x, c.x));
    return c.g.mul(c.dy, c.g.mul(c.scalar(2 / Math.sqrt(Math.PI)), c.g.op('Exp', [square])));
  }),
};
