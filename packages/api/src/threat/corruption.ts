import { GauntletError } from '../errors/gauntlet-error.js';
import type { BatchRandom, Stream } from '../random/streams.js';

/** One way of corrupting an input: `fog 3`, or `rotation 15, translation −0.1 0`. */
export interface CorruptionSetting {
  /** Unique within the family. */
  name: string;
  /** Of a family that is tallied: the kind of corruption, and how severe. */
  group?: string;
  level?: number;
}

/** What corrupts one image. */
export interface CorruptionContext<P, S extends CorruptionSetting = CorruptionSetting> {
  params: P;
  setting: S;
  /** [h, w, c] */
  shape: readonly [number, number, number];
  bounds: readonly [number, number];
  /** The same for the same seed, sample and setting. */
  stream: Stream;
}

/**
 * A threat model that is no ball: the images that a corruption makes of an input. An attack may return these and no others.
 * The referee makes the image again, from its own copy of the input and with the same randomness, and compares.
 */
export interface CorruptionFamily<P, S extends CorruptionSetting = CorruptionSetting> {
  /** All that an input may be corrupted with, in a fixed order. */
  settings(params: P): readonly S[];
  /** image [h·w·c] in the victim's bounds; gives a new one. Pure: it depends on nothing but what it is given. */
  corrupt(image: Float32Array, context: CorruptionContext<P, S>): Float32Array | Promise<Float32Array>;
  /** The referee also tries each setting on each sample, and takes down the predictions: what `mCE` is measured from. */
  tallied?: boolean;
}

/** A batch to be corrupted. */
export interface CorruptionBatch {
  /** [n·d] clean images. */
  clean: Float32Array;
  shape: readonly [number, number, number];
  bounds: readonly [number, number];
  /** Of the whole batch. */
  random: BatchRandom;
}

/** Rows of a batch with one setting: [rows.length·d]. The same for the attack and for the referee. */
export async function corruptRows<P, S extends CorruptionSetting>(
  family: CorruptionFamily<P, S>,
  params: P,
  setting: S,
  { clean, shape, bounds, random }: CorruptionBatch,
  rows: readonly number[],
): Promise<Float32Array> {
  const size = shape[0] * shape[1] * shape[2];
  const streams = random.part(setting.name).rows(rows).streams('corruption');
  const corrupted = new Float32Array(rows.length * size);
  for (const [i, row] of rows.entries()) {
    // A copy: what a family does to its input stays here.
    const image = clean.slice(row * size, (row + 1) * size);
    const made = await family.corrupt(image, { params, setting, shape, bounds, stream: streams[i] });
    if (made.length !== size)
      throw new GauntletError(
        'attack-shape',
        `the corruption ${setting.name} made ${made.length} values of ${size}.`,
      );
    corrupted.set(made, i * size);
  }
  return corrupted;
}
