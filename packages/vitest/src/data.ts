import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { npzBytes, type SpecInput } from '@gauntlet/core';
import { type Places, plugin } from './places.js';

export type DatasetInput = SpecInput['dataset'];

/** Images [n,h,w,c] in the victim's bounds, as a tensor or as numbers, and a class for each. */
export interface InMemoryData {
  images: { shape: readonly number[]; data: ArrayLike<number> | (() => Promise<ArrayLike<number>>) };
  labels?: ArrayLike<number>;
}

/** The synthetic digits that come with Gauntlet: 28×28×1, ten classes. */
export const digits = (options: { take?: number; skip?: number } = {}): DatasetInput => ({
  format: 'plugin',
  use: 'digits',
  ...options,
});

/** As a spec writes it. Data in memory is put below `home`, once for the same numbers, for workers to read. */
export async function datasetInput(
  on: DatasetInput | InMemoryData,
  { folder, home }: Places,
): Promise<DatasetInput> {
  if ('format' in on) return absolute(on, folder);
  const { shape, data } = on.images;
  const values = typeof data === 'function' ? await data.call(on.images) : data;
  const images = { shape: [...shape], data: Float32Array.from(values) };
  const labels = on.labels && { shape: [on.labels.length], data: Int32Array.from(on.labels) };
  const bytes = npzBytes({ x: images, ...(labels && { y: labels }) });
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const file = path.join(home, 'data', `${hash}.npz`);
  if (!existsSync(file)) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, bytes);
    renameSync(`${file}.${process.pid}`, file);
  }
  return { format: 'npz', file, imagesKey: 'x', ...(labels && { labelsKey: 'y' }) };
}

/** The spec is written elsewhere; what is relative to the test file must not be any more. */
function absolute(given: DatasetInput, folder: string): DatasetInput {
  const files = ['images', 'labels', 'file', 'files', 'path'];
  const at = (value: unknown) => (typeof value === 'string' ? path.resolve(folder, value) : value);
  const entries = Object.entries(given).map(([key, value]: [string, unknown]) => {
    if (files.includes(key)) return [key, Array.isArray(value) ? value.map(at) : at(value)] as const;
    return [key, key === 'use' ? plugin(String(value), folder) : value] as const;
  });
  return Object.fromEntries(entries) as unknown as DatasetInput;
}
