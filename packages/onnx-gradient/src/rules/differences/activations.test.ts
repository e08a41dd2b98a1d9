import { agreeWithDifferences, image, on } from './cases.test-support.js';
import { float } from '../../model/attributes.js';

agreeWithDifferences({
  Relu: on(image, 'Relu'),
  LeakyRelu: on(image, 'LeakyRelu', { alpha: float(0.2) }),
  PRelu: { inputs: { x: image, slope: [4, 1, 1] }, write: (g) => g.op('PRelu', ['x', 'slope']) },
  ThresholdedRelu: on(image, 'ThresholdedRelu', { alpha: float(1) }),
  'ThresholdedRelu (below zero)': on(image, 'ThresholdedRelu', { alpha: float(-1) }),
  Shrink: on(image, 'Shrink', { lambd: float(0.6), bias: float(0.2) }),
  Elu: on(image, 'Elu', { alpha: float(1.5) }),
  Selu: on(image, 'Selu'),
  Celu: on(image, 'Celu', { alpha: float(0.7) }),
  'Gelu (exact)': on(image, 'Gelu', {}, { opset: 20 }),
  'Gelu (tanh)': on(image, 'Gelu', { approximate: 'tanh' }, { opset: 20 }),
  Sigmoid: on(image, 'Sigmoid'),
  HardSigmoid: on(image, 'HardSigmoid'),
  HardSwish: on(image, 'HardSwish'),
  Mish: on(image, 'Mish'),
  Softplus: on(image, 'Softplus'),
  Softsign: on(image, 'Softsign'),
  Tanh: on(image, 'Tanh'),
  Erf: on(image, 'Erf'),

  'Relu (in double precision)': {
    inputs: { x: ['N', 8] },
    write: (g) => g.cast(g.op('Relu', [g.cast('x', 'float64')]), 'float32'),
  },
});
