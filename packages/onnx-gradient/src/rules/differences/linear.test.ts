import { agreeWithDifferences, two } from './cases.test-support.js';
import { float } from '../../model/attributes.js';

agreeWithDifferences({
  MatMul: two('MatMul', ['N', 3, 4], ['N', 4, 5]),
  'MatMul (broadcast batch)': two('MatMul', ['N', 2, 3, 4], [2, 4, 5]),
  'MatMul (vector on the right)': two('MatMul', ['N', 3, 4], [4]),
  'MatMul (vector on the left)': two('MatMul', [3], ['N', 3, 5]),
  'MatMul (two vectors)': two('MatMul', [4], [4]),
  'MatMul (matrix on the right)': two('MatMul', ['N', 3, 4], [4, 5]),
  Gemm: {
    inputs: { a: ['N', 5], b: [5, 3], c: [3] },
    write: (g) => g.op('Gemm', ['a', 'b', 'c'], { alpha: float(0.5), beta: float(2) }),
  },
  'Gemm (both transposed)': {
    inputs: { a: [5, 2], b: [3, 5] },
    write: (g) => g.op('Gemm', ['a', 'b'], { transA: 1, transB: 1 }),
  },
  'Gemm (right one transposed)': two('Gemm', ['N', 5], [3, 5], {
    write: (g) => g.op('Gemm', ['a', 'b'], { transB: 1 }),
  }),

  'MatMul (batches of 1)': two('MatMul', [2, 1, 3, 4], [2, 3, 4, 2]),
  'MatMul (outer product)': two('MatMul', ['N', 3, 1], [1, 4]),
  'MatMul (row by matrices)': two('MatMul', [1, 3], ['N', 3, 5]),
  'Gemm (left one transposed)': two('Gemm', [5, 3], [5, 4], {
    write: (g) => g.op('Gemm', ['a', 'b'], { transA: 1, alpha: float(0.7) }),
  }),
});
