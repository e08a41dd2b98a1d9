import { agreeWithDifferences, image, on } from './cases.test-support.js';

agreeWithDifferences({
  Sin: on(image, 'Sin'),
  Cos: on(image, 'Cos'),
  Tan: on(['N', 20], 'Tan'),
  Asin: on(['N', 8], 'Asin'),
  Acos: on(['N', 8], 'Acos'),
  Atan: on(image, 'Atan'),
  Sinh: on(['N', 20], 'Sinh'),
  Cosh: on(['N', 20], 'Cosh'),
  Asinh: on(image, 'Asinh'),
  Acosh: {
    inputs: { x: ['N', 8] },
    write: (g) => g.op('Acosh', [g.add('x', g.scalar(3, 'float32'))]),
  },
  Atanh: on(['N', 8], 'Atanh'),
});
