import { isFloat } from '../model/element-types.js';
import { type Rule, type RuleContext, single } from './rule.js';

/** A rule for two operands that broadcast against each other. */
const binary =
  (left: (c: RuleContext, a: string, b: string) => string, right: typeof left): Rule =>
  (c) => {
    const [a, b] = c.node.inputs;
    return [
      c.needs[0] ? c.unbroadcast(left(c, a, b), a) : undefined,
      c.needs[1] ? c.unbroadcast(right(c, a, b), b) : undefined,
    ];
  };

/** d(xᵖ) = p xᵖ⁻¹ dx and, where it is asked for, y ln x dp: 0 where x is 0, as in PyTorch. */
const pow: Rule = (c) => {
  const { g, dy, y } = c;
  const [x, p] = c.node.inputs;
  const type = c.type(x);
  const exponent = c.number(p);
  const floats = c.type(p) === type ? p : g.cast(p, type);
  const nonzero = () => g.where(g.op('Equal', [x, c.scalar(0)]), c.scalar(1), x);
  let base: string | undefined;
  if (c.needs[0] && exponent === 2) base = g.mul(dy, g.mul(c.scalar(2), x));
  else if (c.needs[0]) base = g.mul(dy, g.mul(floats, g.op('Pow', [x, g.sub(floats, c.scalar(1))])));
  return [
    base && c.unbroadcast(base, x),
    c.needs[1] ? c.unbroadcast(g.mul(dy, g.mul(y, g.op('Log', [nonzero()]))), p) : undefined,
  ];
};

/** The gradient goes to the first operand that attains the extremum. */
const extremum =
  (comparison: 'GreaterOrEqual' | 'LessOrEqual'): Rule =>
  (c) => {
    const { g, dy, y } = c;
    const { inputs } = c.node;
    const zero = c.scalar(0);
    if (inputs.length === 2) {
      const first = g.op(comparison, inputs);
      return [
        c.needs[0] ? c.unbroadcast(g.where(first, dy, zero), inputs[0]) : undefined,
        c.needs[1] ? c.unbroadcast(g.where(first, zero, dy), inputs[1]) : undefined,
      ];
    }
    let left = dy;
    return inputs.map((input, i) => {
      const attains = g.op('Equal', [input, y]);
      const mine = g.where(attains, left, zero);
      if (i < inputs.length - 1) left = g.where(attains, zero, left);
      return c.needs[i] ? c.unbroadcast(mine, input) : undefined;
    });
  };

/** At a limit itself the gradient passes, as in PyTorch. */
const clip: Rule = (c) => {
  const { g, x, dy } = c;
  const [, low, high] = c.node.inputs;
  if (c.needs[1] || c.needs[2]) c.unsupported('a limit that depends on the input');
  let gradient = dy;
  if (low) gradient = g.where(g.op('GreaterOrEqual', [x, low]), gradient, c.scalar(0));
  if (high) gradient = g.where(g.op('LessOrEqual', [x, high]), gradient, c.scalar(0));
  return [gradient];
};

const where: Rule = (c) => {
  const { g, dy } = c;
  const [condition, a, b] = c.node.inputs;
  const zero = c.scalar(0, a);
  return [
    undefined,
    c.needs[1] ? c.unbroadcast(g.where(condition, dy, zero), a) : undefined,
    c.needs[2] ? c.unbroadcast(g.where(condition, zero, dy), b) : undefined,
  ];
};

/** x − y ⌊x / y⌋, or with fmod x − y trunc(x / y): the quotient counts as constant. */
const mod: Rule = (c) => {
  const { g, dy } = c;
  const [a, b] = c.node.inputs;
  const quotient = () => g.div(g.sub(a, c.y), b);
  return [
    c.needs[0] ? c.unbroadcast(dy, a) : undefined,
    c.needs[1] ? c.unbroadcast(g.neg(g.mul(dy, quotient())), b) : undefined,
  ];
};

const variadic =
  (share: (c: RuleContext) => string): Rule =>
  (c) =>
    c.node.inputs.map((input, i) => (c.needs[i] ? c.unbroadcast(share(c), input) : undefined));

export const arithmetic: Record<string, Rule> = {
  Add: binary(
    (c) => c.dy,
    (c) => c.dy,
  ),
  Sub: binary(
    (c) => c.dy,
    (c) => c.g.neg(c.dy),
  ),
  Mul: binary(
    (c, _, b) => c.g.mul(c.dy, b),
    (c, a) => c.g.mul(c.dy, a),
  ),
  Div: binary(
    (c, _, b) => c.g.div(c.dy, b),
    (c, _, b) => c.g.neg(c.g.div(c.g.mul(c.dy, c.y), b)),
  ),
  Pow: pow,
  Mod: mod,
  Sum: variadic((c) => c.dy),
  Mean: variadic((c) => c.g.mul(c.dy, c.scalar(1 / c.node.inputs.length))),
  Max: extremum('GreaterOrEqual'),
  Min: extremum('LessOrEqual'),
  Clip: clip,
  Where: where,
  Identity: single((c) => c.dy),
  Neg: single((c) => c.g.neg(c.dy)),
  Exp: single((c) => c.g.mul(c.dy, c.y)),
  Log: single((c) => c.g.div(c.dy, c.x)),
  Sqrt: single((c) => c.g.div(c.g.mul(c.dy, c.scalar(0.5)), c.y)),
  Reciprocal: single((c) => c.g.neg(c.g.mul(c.dy, c.g.mul(c.y, c.y)))),
  Abs: single((c) => c.g.mul(c.dy, c.g.op('Sign', [c.x]))),
  Cast: single((c) =>
    isFloat(c.type(c.x))
      ? c.g.cast(c.dy, c.type(c.x))
      : c.unsupported('a cast from a type without fractions'),
  ),
};
