import type { Decomposition } from './decomposition.js';

/** Expansion takes n 2ⁿ⁻¹ products. */
const largest = 8;

/** Of matrices of known size, by expansion along the rows: the minors of the first rows are shared among all. */
export const determinant: Decomposition = (g, node, c) => {
  const [x] = node.inputs;
  const dims = c.dims(x);
  const size = dims?.at(-1);
  if (!dims || typeof size !== 'number' || size < 1 || size > largest || size !== dims.at(-2))
    return undefined;
  const rows = Array.from({ length: size }, (_, i) =>
    g.op('Gather', [x, g.scalar(i, 'int64')], { axis: -2 }),
  );
  const at = (i: number, j: number) => g.op('Gather', [rows[i], g.scalar(j, 'int64')], { axis: -1 });
  /** By the set of columns that is left out, as bits: the minor of the rows from `row` on. */
  const minors = new Map<number, string>();
  const minor = (row: number, gone: number): string => {
    const found = minors.get(gone);
    if (found) return found;
    const columns = Array.from({ length: size }, (_, j) => j).filter((j) => !(gone & (1 << j)));
    const terms = columns.map((j) =>
      row === size - 1 ? at(row, j) : g.mul(at(row, j), minor(row + 1, gone | (1 << j))),
    );
    const sum = terms.reduce((a, b, k) => (k % 2 === 1 ? g.sub(a, b) : g.add(a, b)));
    minors.set(gone, sum);
    return sum;
  };
  return [minor(0, 0)];
};
