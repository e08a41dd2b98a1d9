import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { type Outcome, reasonOf, worstFirst } from '@gauntlet/api';
import { readNpz } from '../datasets/npz.js';
import { npzBytes } from '../datasets/write-npz.js';
import { writeWhole } from './write-whole.js';

/** The images of attacked samples, in the victim's units: [n, h·w·c] each. */
export interface ChunkImages {
  indices: number[];
  clean: Float32Array;
  perturbed: Float32Array;
  /** An autoencoder's, of both. */
  cleanReconstruction?: Float32Array;
  reconstruction?: Float32Array;
}

/** The images of several parts of a chunk as those of one; nothing if there is no part. */
export function joinImages(parts: readonly ChunkImages[]): ChunkImages | undefined {
  if (parts.length < 2) return parts[0];
  const join = (name: Exclude<keyof ChunkImages, 'indices'>) => {
    const arrays = parts.flatMap((part) => part[name] ?? []);
    const joined = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const array of arrays) {
      joined.set(array, at);
      at += array.length;
    }
    return joined;
  };
  return {
    indices: parts.flatMap(({ indices }) => indices),
    clean: join('clean'),
    perturbed: join('perturbed'),
    ...(parts[0].reconstruction && {
      cleanReconstruction: join('cleanReconstruction'),
      reconstruction: join('reconstruction'),
    }),
  };
}

/** What of a run's images is written into the run folder. */
export interface SaveImages {
  folder: string;
  /** Of each chunk only the first samples in the order of `worstFirst`; all by default. */
  most?: number;
}

const names = ['clean', 'perturbed', 'cleanReconstruction', 'reconstruction'] as const;

/** A cell's id as a file name. */
export function cellName(cell: string): string {
  const name = cell.replaceAll(/[^\w.-]+/g, '-').slice(0, 80);
  if (name === cell.replace('/', '-')) return name;
  return `${name}-${createHash('sha256').update(cell).digest('hex').slice(0, 8)}`;
}

/** Where a run folder keeps the images of a cell, and its outcomes for a run to come. */
export const cellFolder = (output: string, { id, key }: { id: string; key: string }): string =>
  path.join(output, 'cells', `${cellName(id)}-${key.slice(0, 12)}`);

/** Writes images of a chunk as .npz; `outcomes` are those of the same samples. The file is whole or not there. */
export function saveChunkImages(
  { folder, most = Infinity }: SaveImages,
  images: ChunkImages,
  outcomes: readonly Outcome[],
  shape: readonly [number, number, number],
): void {
  // Where too little is broken, what held is worth a look.
  const order = new Set([...worstFirst(outcomes), ...outcomes.keys()]);
  const chosen = most < outcomes.length ? [...order].slice(0, most) : [...outcomes.keys()];
  if (chosen.length === 0) return;
  const size = shape[0] * shape[1] * shape[2];
  const arrays = names.flatMap((name) => {
    const from = images[name];
    if (!from) return [];
    const data = new Float32Array(chosen.length * size);
    chosen.forEach((row, i) => data.set(from.subarray(row * size, (row + 1) * size), i * size));
    return [[name, { shape: [chosen.length, ...shape], data }] as const];
  });
  const index = { shape: [chosen.length], data: Int32Array.from(chosen, (row) => images.indices[row]) };
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${images.indices[0]}-${images.indices.length}.npz`);
  // No wait for the disk: images are read with their checksums, and those that are damaged count as not saved.
  writeWhole(file, [npzBytes({ index, ...Object.fromEntries(arrays) })], false);
}

async function readChunk(file: string, wantedNames: readonly (typeof names)[number][]) {
  const archive = await readNpz(file);
  const there = archive('index').data as Int32Array;
  const arrays = wantedNames.flatMap((name) => (archive.has(name) ? [[name, archive(name)] as const] : []));
  const shape = arrays[0][1].shape.slice(1) as [number, number, number];
  return { there, arrays, shape };
}

/** Reads the images of some samples of a cell back, in that order; those that were not saved are left out. */
export async function readImages(
  folder: string,
  indices: readonly number[],
  wantedNames: readonly (typeof names)[number][] = names,
  /** A file that cannot be read counts as not saved; who wants to know is told. */
  onDamage: (file: string, reason: string) => void = () => {},
): Promise<ChunkImages & { shape: [number, number, number] }> {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.npz')) : [];
  const found = new Map<number, Record<string, Float32Array>>();
  const wanted = new Set(indices);
  let shape: [number, number, number] = [0, 0, 0];
  for (const file of files) {
    const chunk = await readChunk(path.join(folder, file), wantedNames).catch((error: unknown) =>
      onDamage(path.join(folder, file), reasonOf(error)),
    );
    if (!chunk) continue;
    const { there, arrays } = chunk;
    shape = chunk.shape;
    const size = shape[0] * shape[1] * shape[2];
    there.forEach((index, row) => {
      if (!wanted.has(index)) return;
      const rows = arrays.map(([name, { data }]) => [name, data.subarray(row * size, (row + 1) * size)]);
      found.set(index, Object.fromEntries(rows) as Record<string, Float32Array>);
    });
  }
  const kept = indices.filter((index) => found.has(index));
  const size = shape[0] * shape[1] * shape[2];
  const join = (name: string) => {
    if (kept.length === 0 || !found.get(kept[0])![name]) return undefined;
    const data = new Float32Array(kept.length * size);
    kept.forEach((index, i) => data.set(found.get(index)![name], i * size));
    return data;
  };
  return {
    shape,
    indices: kept,
    clean: join('clean') ?? new Float32Array(0),
    perturbed: join('perturbed') ?? new Float32Array(0),
    cleanReconstruction: join('cleanReconstruction'),
    reconstruction: join('reconstruction'),
  };
}
