import type { ImageSource } from '@gauntlet/api';
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

/** Rows [n·k] of 0 and 1, which say of each label whether it is true. With a single 1 in every row they are one-hot classes, too. */
export function labelRows(
  file: string,
  values: ArrayLike<number>,
  width: number,
): Pick<ImageSource, 'labels' | 'labelSets'> {
  for (let i = 0; i < values.length; i++)
    if (values[i] !== 0 && values[i] !== 1)
      throw wrongFile(
        file,
        'one class for each image, or rows of 0 and 1',
        `${values[i]} at position ${i % width} of row ${Math.floor(i / width)}`,
      );
  const labelSets = { width, values: Uint8Array.from(values) };
  const n = values.length / width;
  const labels = new Int32Array(n);
  for (let row = 0; row < n; row++) {
    const ones = labelSets.values.subarray(row * width, (row + 1) * width);
    const first = ones.indexOf(1);
    if (first < 0 || ones.lastIndexOf(1) !== first) return { labelSets };
    labels[row] = first;
  }
  return { labels, labelSets };
}
