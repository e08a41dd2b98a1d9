import { pickBlocks, pickRows, reconstructionsOf } from './seen.js';
import { isMet, type Outcome, type ThreatModel } from '@gauntlet/api';
import { type ExamplesFile, type KeptExamples, readExamples, sampleIdentity } from '../store/examples.js';
import type { ChunkImages } from '../store/images.js';
import type { Aimed } from './aim.js';
import { assess } from './assess.js';
import { type AimedBatch, judge, pickBatch } from './judge.js';
import { findDefect } from './measure.js';
import { truthOf } from './said.js';
import type { Opened } from './open-setting.js';
import type { ChunkTask } from './task.js';

/** What a sample that an example did not break has cost by then. */
export type Spent = Required<Pick<Outcome, 'forwards' | 'seconds'>>;

/** What came of trying examples on a batch. */
export interface Tried {
  /** Places in the chunk of the samples that are broken by one, what the referee found of them, and their images. */
  rows: readonly number[];
  outcomes: readonly Outcome[];
  images?: ChunkImages;
  /** Of the other samples that had one, by their places in the chunk. */
  spent: ReadonlyMap<number, Spent>;
  /** What is to be attacked as if there had been no example; nothing if all are broken. */
  left?: Aimed;
}

/**
 * Tries inputs that broke samples in an earlier run, before the attack: one forward pass, and the referee for what it breaks. An
 * example that breaks its sample no more says nothing about it.
 */
export async function tryExamples(
  { examples, attack: { threat } }: ChunkTask,
  { victim, yardstick }: Pick<Opened, 'victim' | 'yardstick'>,
  aimed: Aimed,
): Promise<Tried> {
  const nothing: Tried = { rows: [], outcomes: [], spent: new Map(), left: aimed };
  if (!examples) return nothing;
  const started = performance.now();
  const { batch, rows } = aimed;
  const { tried, images } = fitting(open(examples), batch, victim.traits.bounds, threat);
  if (tried.length === 0) return nothing;
  const { criterion, finite } = await judge(victim, images, pickBatch(batch, tried));
  const met = [...tried.keys()].filter((i) => finite[i] && isMet(criterion[i]));
  const candidates = met.map((i) => tried[i]);
  const perturbed = pickBlocks(images, met, tried.length);
  const some = pickAimed(aimed, candidates);
  const assessed =
    met.length > 0
      ? await assess(victim, some.batch, some.before, { perturbed }, threat, yardstick)
      : { outcomes: [], after: undefined };
  const sure = [...met.keys()].filter((i) => assessed.outcomes[i].status === 'broken');
  const broken = pickAimed(some, sure);
  const cost: Spent = {
    forwards: batch.repeats?.draws ?? 1,
    seconds: (performance.now() - started) / 1000 / tried.length,
  };
  const { forwards } = cost;
  const outcomes = sure.map((i) => ({
    ...assessed.outcomes[i],
    example: 'broken' as const,
    ...{ forwardsToSuccess: forwards, gradientsToSuccess: 0, gradients: 0, zeroGradients: 0 },
    ...cost,
  }));
  const isBroken = new Set(broken.rows);
  const others = [...rows.keys()].filter((i) => !isBroken.has(rows[i]));
  const reconstruction = reconstructionsOf(victim, assessed.after);
  return {
    rows: broken.rows,
    outcomes,
    spent: new Map(tried.map((i) => [rows[i], cost])),
    left: others.length > 0 ? pickAimed(aimed, others) : undefined,
    ...(sure.length > 0 && {
      images: {
        indices: [...broken.batch.indices],
        clean: broken.batch.clean,
        perturbed: pickBlocks(perturbed, sure, met.length),
        cleanReconstruction: reconstructionsOf(victim, broken.before),
        reconstruction: reconstruction && pickBlocks(reconstruction, sure, met.length),
      },
    }),
  };
}

const pickAimed = ({ rows, batch, before }: Aimed, chosen: readonly number[]): Aimed => ({
  rows: chosen.map((i) => rows[i]),
  batch: pickBatch(batch, chosen),
  before: pickRows(before, chosen),
});

/** Which samples of a batch have an example within the threat model, and [tried.length, d] what these are. */
function fitting(
  kept: ReadonlyMap<string, Float32Array>,
  batch: AimedBatch,
  bounds: readonly [number, number],
  threat: ThreatModel,
): { tried: number[]; images: Float32Array } {
  const { indices, clean } = batch;
  const size = clean.length / indices.length;
  const found = indices.flatMap((_, row) => {
    const its = clean.subarray(row * size, (row + 1) * size);
    const image = kept.get(sampleIdentity(its, truthOf(batch, row)));
    return image && !findDefect(its, image, bounds, threat) ? [{ row, image }] : [];
  });
  const images = new Float32Array(found.length * size);
  found.forEach(({ image }, i) => images.set(image, i * size));
  return { tried: found.map(({ row }) => row), images };
}

let last: { sha256: string; images: ReadonlyMap<string, Float32Array> } | undefined;

/** The images of a file by sample. One file is held: chunks of a cell come one after the other. */
function open(file: ExamplesFile): ReadonlyMap<string, Float32Array> {
  if (last?.sha256 !== file.sha256) last = { sha256: file.sha256, images: bySample(readExamples(file)) };
  return last.images;
}

function bySample({ samples, perturbed }: KeptExamples): ReadonlyMap<string, Float32Array> {
  const size = perturbed.length / samples.length;
  return new Map(samples.map((sample, i) => [sample, perturbed.subarray(i * size, (i + 1) * size)]));
}
