import type { ElementType } from '../model/element-types.js';
import { type Rule, type RuleContext, single } from './rule.js';

/** Largest and smallest integer of the types that are quantised to. */
const ranges: Partial<Record<ElementType, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
};

/** A scale or zero point of one number for each size of an axis, in the shape in which it broadcasts against x. */
function alongAxis(c: RuleContext, name: string): string {
  const dims = c.dims(name);
  if (dims.length === 0) return name;
  const rank = c.dims().length;
  if (dims.length > 1 || c.attributes.int('block_size', 0) > 0)
    return c.unsupported('a scale for each block');
  const axis = c.attributes.int('axis', 1);
  const after = rank - 1 - (axis < 0 ? axis + rank : axis);
  return dims[0] === 1
    ? c.g.reshape(name, [])
    : c.g.reshape(name, [...dims, ...Array<number>(after).fill(1)]);
}

/**
 * A scale or zero point that moves with the input is taken for one that stands still: scaled there and back, the number is
 * what it was.
 */
const scaleOf = (c: RuleContext): string => alongAxis(c, c.node.inputs[1]);

/** q = clip(round(x / s) + z): dx = dq / s where nothing was cut off, else 0. */
const quantize: Rule = (c) => {
  const { g, x, dy } = c;
  const scale = scaleOf(c);
  const range = ranges[c.type(c.y)] ?? c.unsupported(`a quantisation to ${c.type(c.y)}`);
  const zero = c.node.inputs[2];
  const steps = g.div(x, scale);
  const level = zero ? g.add(steps, g.cast(alongAxis(c, zero), c.type(x))) : steps;
  const inside = g.op('And', [
    g.op('GreaterOrEqual', [level, c.scalar(range[0] - 0.5)]),
    g.op('LessOrEqual', [level, c.scalar(range[1] + 0.5)]),
  ]);
  return [g.where(inside, g.div(dy, scale), c.scalar(0))];
};

const identity = single((c) => c.dy);

/** The largest stands out softly: the gradient of softmax stands in. */
const hardmax = single((c) => {
  const { g, dy } = c;
  const axis = c.attributes.int('axis', -1);
  const soft = g.op('Softmax', [c.x], { axis });
  return g.mul(soft, g.sub(dy, g.sum(g.mul(soft, dy), [axis])));
});

/**
 * Gradients of steps, which have none: that of the identity stands in, as in the backward pass differentiable approximation
 * (BPDA) of Athalye, Carlini, Wagner 2018 and the straight-through estimator of Bengio, Léonard, Courville 2013. A pair of
 * QuantizeLinear and DequantizeLinear passes the gradient where it did not cut off.
 */
export const straightThrough: Readonly<Record<string, Rule | undefined>> = {
  Round: identity,
  Floor: identity,
  Ceil: identity,
  Sign: identity,
  Hardmax: hardmax,
  QuantizeLinear: quantize,
  // Its scale follows the largest numbers, so that nothing is cut off.
  DynamicQuantizeLinear: (c) => [c.cotangents[0] && c.g.div(c.cotangents[0], c.node.outputs[1])],
  // x = (q − z) s.
  DequantizeLinear: single((c) => c.g.mul(c.dy, scaleOf(c))),
};
