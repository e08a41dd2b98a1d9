import { float } from '../model/attributes.js';
import { elementNumber } from '../model/element-types.js';
import type { Builder } from './builder.js';
import { convolutionOf, type Decomposition } from './decomposition.js';
import type { UpgradeContext } from './upgrade-context.js';

/** x = (q − z) s; where there are several scales, one for each place along the axis. */
function real(g: Builder, c: UpgradeContext, [q, scale, zero]: string[], axis = 0): string {
  const one = (name: string) => (c.dims(name)?.join() === '1' ? g.reshape(name, []) : name);
  const inputs = zero ? [q, one(scale), one(zero)] : [q, one(scale)];
  return g.op('DequantizeLinear', inputs, c.rank(one(scale)) === 1 ? { axis } : {});
}

/** Whole numbers without a scale: q − z. */
const whole = (g: Builder, c: UpgradeContext, q: string, zero: string | undefined, axis = 0) =>
  real(g, c, [q, g.scalar(1, 'float32'), ...(zero ? [zero] : [])], axis);

const quantize = (g: Builder, x: string, scale: string, zero: string) =>
  g.op('QuantizeLinear', zero ? [x, scale, zero] : [x, scale]);

/** int32, whose scale is the product of those of its factors. */
const bias = (g: Builder, value: string, ...scales: string[]) =>
  scales.reduce(
    (product, scale) => g.mul(product, scale),
    g.op('Cast', [value], { to: elementNumber('float32') }),
  );

const several = (c: UpgradeContext, name: string | undefined) =>
  name !== undefined && name !== '' && c.rank(name) !== 0 && c.dims(name)?.join() !== '1';

const qLinearConv: Decomposition = (g, { inputs, attributes }, c) => {
  const [x, xScale, xZero, w, wScale, wZero, scale, zero, b] = inputs;
  const factors = [real(g, c, [x, xScale, xZero]), real(g, c, [w, wScale, wZero])];
  const all = b ? [...factors, bias(g, b, xScale, wScale)] : factors;
  return [quantize(g, g.op('Conv', all, convolutionOf(attributes)), scale, zero)];
};

const qLinearMatMul: Decomposition = (g, { inputs }, c) => {
  const [a, aScale, aZero, b, bScale, bZero, scale, zero] = inputs;
  if (several(c, aScale)) return undefined;
  const product = g.op('MatMul', [real(g, c, [a, aScale, aZero]), real(g, c, [b, bScale, bZero], -1)]);
  return [quantize(g, product, scale, zero)];
};

/** C is of the scale alpha · a_scale · b_scale (ONNX Runtime's ContribOperators.md). */
const qGemm: Decomposition = (g, { inputs, attributes }, c) => {
  const [a, aScale, aZero, b, bScale, bZero, constant, scale, zero] = inputs;
  if (several(c, aScale)) return undefined;
  const [transA, transB] = [attributes.int('transA', 0), attributes.int('transB', 0)];
  const alpha = attributes.float('alpha', 1);
  const factors = [real(g, c, [a, aScale, aZero]), real(g, c, [b, bScale, bZero], transB ? 0 : 1)];
  const product = g.op('Gemm', factors, { alpha: float(alpha), transA, transB });
  const sum = constant
    ? g.add(product, bias(g, constant, aScale, bScale, g.scalar(alpha, 'float32')))
    : product;
  return [scale ? quantize(g, sum, scale, zero) : sum];
};

const convInteger: Decomposition = (g, { inputs: [x, w, xZero, wZero], attributes }, c) =>
  several(c, wZero)
    ? undefined
    : [g.op('Conv', [whole(g, c, x, xZero), whole(g, c, w, wZero)], convolutionOf(attributes))];

const matMulInteger: Decomposition = (g, { inputs: [a, b, aZero, bZero] }, c) =>
  several(c, aZero) || several(c, bZero)
    ? undefined
    : [g.op('MatMul', [whole(g, c, a, aZero), whole(g, c, b, bZero)])];

const qLinearPair =
  (op: 'Add' | 'Mul'): Decomposition =>
  (g, { inputs }, c) => {
    const [a, aScale, aZero, b, bScale, bZero, scale, zero] = inputs;
    const both = [real(g, c, [a, aScale, aZero]), real(g, c, [b, bScale, bZero])];
    return [quantize(g, g.op(op, both), scale, zero)];
  };

/**
 * Operators that compute with whole numbers, by what these stand for: QuantizeLinear, real numbers, DequantizeLinear. The sums are the
 * same as long as float32 holds them.
 */
export const quantised: Record<string, Decomposition> = {
  QLinearConv: qLinearConv,
  QLinearMatMul: qLinearMatMul,
  ConvInteger: convInteger,
  MatMulInteger: matMulInteger,
  'com.microsoft:QGemm': qGemm,
  'com.microsoft:QLinearAdd': qLinearPair('Add'),
  'com.microsoft:QLinearMul': qLinearPair('Mul'),
};
