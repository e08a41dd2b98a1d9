import { wrongFile } from './read-bytes.js';

const largest = 2 ** 31 - 1;

/** Class indices as they are: whole numbers from 0 to `most`. Anything else would become another class in silence. */
export function labelsOf(file: string, values: ArrayLike<number>, most: number = largest): Int32Array {
  for (let i = 0; i < values.length; i++) {
    if (!(Number.isInteger(values[i]) && values[i] >= 0 && values[i] <= most))
      throw wrongFile(
        file,
        `labels that are whole numbers from 0 to ${most}`,
        `${values[i]} at position ${i}`,
      );
  }
  return Int32Array.from(values);
}
