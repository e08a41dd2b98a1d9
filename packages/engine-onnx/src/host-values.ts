import type { HostValues } from '@gauntlet/api';
import type * as ort from 'onnxruntime-node';
import { joined } from './session.js';

/** Inputs or outputs of a session, by name. */
export type Arrays = Record<string, ort.Tensor>;

/** One output of n rows, of a pass in as many parts as it took. */
export function hostValues(pass: readonly Arrays[], name: string, n: number): HostValues {
  const dims = pass[0][name].dims.slice(1);
  const parts = pass.map((arrays) => arrays[name].data as Float32Array);
  return { values: joined(parts, n * dims.reduce((a, b) => a * b, 1)), shape: [n, ...dims] };
}
