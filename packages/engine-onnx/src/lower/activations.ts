import { float } from '@gauntlet/onnx-gradient';
import { type Emitter, NotLowered, type Value } from './emitter.js';

type Activation = (e: Emitter, x: Value) => Value;

const softmax: Activation = (e, x) => e.each('Softmax', e.last(x), [], { axis: -1 });

const table: Record<string, Activation> = {
  linear: (_, x) => x,
  relu: (e, x) => e.each('Relu', x),
  relu6: (e, x) => e.each('Clip', x, [e.scalar(0), e.scalar(6)]),
  sigmoid: (e, x) => e.each('Sigmoid', x),
  hard_sigmoid: (e, x) => e.each('HardSigmoid', x, [], { alpha: float(0.2), beta: float(0.5) }),
  tanh: (e, x) => e.each('Tanh', x),
  elu: (e, x) => e.each('Elu', x),
  selu: (e, x) => e.each('Selu', x),
  softplus: (e, x) => e.each('Softplus', x),
  softsign: (e, x) => e.each('Softsign', x),
  swish: (e, x) => e.each('Mul', x, [e.g.op('Sigmoid', [x.name])]),
  mish: (e, x) => e.each('Mish', x),
  gelu: (e, x) => {
    // x Φ(x), written out: the operator of that name came with opset 20.
    const inner = e.g.op('Erf', [e.g.mul(x.name, e.scalar(Math.SQRT1_2))]);
    return e.each('Mul', x, [e.g.mul(e.scalar(0.5), e.g.add(e.scalar(1), inner))]);
  },
  softmax,
};

export function activate(e: Emitter, x: Value, name: string): Value {
  const lower = table[name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()];
  if (!lower) throw new NotLowered(`the activation "${name}"`);
  return lower(e, x);
}
