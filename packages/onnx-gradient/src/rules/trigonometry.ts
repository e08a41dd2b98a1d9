import { type Rule, type RuleContext, single } from './rule.js';

/** dy times a slope that is computed from x and y. */
const sloped = (slope: (c: RuleContext) => string): Rule => single((c) => c.g.mul(c.dy, slope(c)));
/** dy over something. */
const over = (bottom: (c: RuleContext) => string): Rule => single((c) => c.g.div(c.dy, bottom(c)));

const square = (c: RuleContext, value: string) => c.g.mul(value, value);
const one = (c: RuleContext) => c.scalar(1);

/** Derivatives of the circular and hyperbolic functions and their inverses. */
export const trigonometry: Record<string, Rule> = {
  Sin: sloped((c) => c.g.op('Cos', [c.x])),
  Cos: sloped((c) => c.g.neg(c.g.op('Sin', [c.x]))),
  Tan: sloped((c) => c.g.add(one(c), square(c, c.y))),
  Asin: over((c) => c.g.op('Sqrt', [c.g.sub(one(c), square(c, c.x))])),
  Acos: single((c) => c.g.neg(c.g.div(c.dy, c.g.op('Sqrt', [c.g.sub(one(c), square(c, c.x))])))),
  Atan: over((c) => c.g.add(one(c), square(c, c.x))),
  // Cosh and Sinh are not to be had for all types: (eˣ ± e⁻ˣ) / 2.
  Sinh: sloped((c) => c.g.op('Sqrt', [c.g.add(one(c), square(c, c.y))])),
  Cosh: sloped((c) => {
    const [up, down] = [c.g.op('Exp', [c.x]), c.g.op('Exp', [c.g.neg(c.x)])];
    return c.g.mul(c.scalar(0.5), c.g.sub(up, down));
  }),
  Asinh: over((c) => c.g.op('Sqrt', [c.g.add(square(c, c.x), one(c))])),
  Acosh: over((c) => c.g.op('Sqrt', [c.g.sub(square(c, c.x), one(c))])),
  Atanh: over((c) => c.g.sub(one(c), square(c, c.x))),
};
