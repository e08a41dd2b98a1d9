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
});
