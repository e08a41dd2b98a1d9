import type { HttpParams } from './params.js';
import { NoAnswer } from './send.js';

/**
 * Rows of numbers from the answer to `n` images; of labels, 1 at the class and 0 at all others.
 * @throws NoAnswer for an answer that is no such thing
 */
export function rowsOf(
  answer: unknown,
  n: number,
  { output, answer: kind, classes }: Pick<HttpParams, 'output' | 'answer' | 'classes'>,
): Float32Array[] {
  const found = output
    .split('.')
    .reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
      answer,
    );
  if (!Array.isArray(found)) {
    const fields = typeof answer === 'object' && answer !== null ? Object.keys(answer).slice(0, 8) : [];
    throw new NoAnswer(
      `answered without a list "${output}" (it has ${fields.join(', ') || 'no fields'}; "output" names the field)`,
    );
  }
  if (found.length !== n) throw new NoAnswer(`answered ${found.length} rows for ${n} images`);
  return found.map((row, i) => {
    const numbers = (Array.isArray(row) ? row.flat(Infinity) : [row]) as unknown[];
    const wrong = numbers.findIndex(
      (value) => typeof value !== 'number' || !Number.isFinite(Math.fround(value)),
    );
    if (wrong >= 0 || numbers.length === 0)
      throw new NoAnswer(`answered ${described(numbers[wrong])} among the numbers of row ${i}`);
    return kind === 'labels'
      ? oneHot(numbers as number[], classes!, i)
      : Float32Array.from(numbers as number[]);
  });
}

const described = (value: unknown): string =>
  value === undefined
    ? 'nothing'
    : value === null || typeof value === 'number'
      ? String(value)
      : `a value of type ${typeof value}`;

function oneHot([label, ...more]: number[], classes: number, row: number): Float32Array {
  if (more.length > 0)
    throw new NoAnswer(
      `answered ${1 + more.length} numbers in row ${row} where a label was expected; write answer: scores`,
    );
  if (!Number.isInteger(label) || label < 0 || label >= classes)
    throw new NoAnswer(`answered the label ${label} in row ${row}; there are classes 0 to ${classes - 1}`);
  return Float32Array.from({ length: classes }, (_, k) => (k === label ? 1 : 0));
}
