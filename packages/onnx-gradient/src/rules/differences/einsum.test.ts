import { agreeWithDifferences, type Case } from './cases.test-support.js';
import type { Dim } from '../../model/graph.js';

const ein = (equation: string, a: readonly Dim[], b: readonly Dim[]): Case => ({
  inputs: { a, b },
  write: (g) => g.op('Einsum', ['a', 'b'], { equation }),
});

agreeWithDifferences({
  'Einsum (batched product)': ein('bij,bjk->bik', ['N', 3, 4], ['N', 4, 5]),
  'Einsum (summed over a letter of one operand)': ein('bij,bk->bk', ['N', 3, 4], ['N', 5]),
  'Einsum (ellipsis, no result)': ein('...ij,kj', ['N', 3, 4], [5, 4]),

  'Einsum (ellipsis beside the first letters)': ein('...ab,...bc->...ac', ['N', 3, 4], ['N', 4, 5]),
  'Einsum (no result, letters in no order)': ein('kj,ik', [3, 4], [2, 3]),
  'Einsum (sizes of 1 are repeated)': ein('ij,ij->ij', [3, 1], [3, 4]),
  'Einsum (sizes of 1 in front)': ein('ij,ij->ij', [1, 3], [4, 3]),
  'Einsum (sizes of 1 are repeated, spaces)': ein(' b i j , b i j -> b j ', [2, 1, 4], [2, 3, 4]),
});
