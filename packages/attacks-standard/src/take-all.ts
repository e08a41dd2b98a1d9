import type * as tf from '@tensorflow/tfjs-core';
import { takeRows } from '@gauntlet/api';

/** The same rows of all; new tensors. */
export function takeAll<T extends Record<string, tf.Tensor4D>>(tensors: T, rows: readonly number[]): T {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, takeRows(tensor, rows)]),
  ) as T;
}
