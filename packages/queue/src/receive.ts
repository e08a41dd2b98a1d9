import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GauntletError, isOutcome, reviveError } from '@gauntlet/api';
import {
  ChunkTimeout,
  type ChunkResult,
  type ChunkTask,
  HostFailed,
  readImages,
  saveChunkImages,
  WorkerDied,
  type WorkerHost,
  withTimeout,
  writeWhole,
} from '@gauntlet/core';
import { machine } from './identity.js';
import type { ImageFile, ResultMessage } from './messages.js';
import { findMismatch } from './verify.js';

export interface Received {
  task: ChunkTask;
  /** References to code that the task was sent with, by address on this machine. */
  codes: ReadonlyMap<string, string>;
  message: ResultMessage;
}

interface Referee {
  local: WorkerHost;
  timeout: number;
  /** Share of the chunks whose images are judged once more. */
  verify: number;
  signal: AbortSignal;
}

/**
 * What a worker's message is worth: a result for exactly the samples that were asked for, its images in the run folder,
 * and, by lot, judged once more.
 * @throws What the worker says went wrong; `HostFailed` `queue-tampered` for outcomes that the images do not show
 */
export async function receive({ task, codes, message }: Received, referee: Referee): Promise<ChunkResult> {
  const { answer, worker } = message;
  if ('error' in answer) throw errorOf(answer.error, referee.timeout);
  const { result, images } = answer;
  checkForm(result, task, worker);
  const engines = result.engines?.map((engine) =>
    message.machine === machine ? engine : `${engine} (${message.machine})`,
  );
  if (referee.verify > 0 && randomInt(2 ** 40) < referee.verify * 2 ** 40)
    await judgeAgain(task, { ...result, engines }, { images, worker }, referee);
  await keepImages(task, result, images, referee.verify > 0);
  const { inputs } = result;
  return { ...result, engines, inputs: inputs && { ...inputs, code: withAddresses(inputs.code, codes) } };
}

function errorOf(error: { name: string; code?: string; message: string }, timeout: number): Error {
  if (error.code === 'worker-died') return new WorkerDied();
  if (error.code === 'chunk-timeout') return new ChunkTimeout(timeout);
  return reviveError(error);
}

/** Signed or not: a worker may be mistaken. */
function checkForm({ outcomes }: ChunkResult, { indices }: ChunkTask, worker: string): void {
  const sound = Array.isArray(outcomes) && outcomes.every(isOutcome);
  if (sound && outcomes.length === indices.length && outcomes.every(({ index }, i) => index === indices[i]))
    return;
  throw new GauntletError(
    'queue-result',
    `The worker ${worker} returned outcomes of other samples than it was asked for.`,
  );
}

const withAddresses = (code: Record<string, string>, codes: ReadonlyMap<string, string>) => {
  const urls = new Map([...codes].map(([url, reference]) => [reference, url]));
  return Object.fromEntries(
    Object.entries(code).map(([reference, hash]) => [urls.get(reference) ?? reference, hash]),
  );
};

async function judgeAgain(
  task: ChunkTask,
  { outcomes, engines }: ChunkResult,
  { images, worker }: { images: readonly ImageFile[]; worker: string },
  { local, timeout, signal }: Referee,
): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-verify-'));
  try {
    writeImages(folder, images);
    const { kind: _, ...setting } = task;
    const again = { ...setting, kind: 'reexamine', images: folder } as const;
    const found = await withTimeout(local, again, { timeout, signal });
    const alike = engines?.join() === found.engines?.join();
    const mismatch = findMismatch(outcomes, found.outcomes, alike);
    if (mismatch === undefined) return;
    throw new HostFailed(
      'queue-tampered',
      `The worker ${worker} returned outcomes of ${task.victim.name}/${task.attack.name} that its images do not show (${mismatch}). Nothing of it is to be believed: remove its part of the journal with a run without --resume, and find out who runs it.`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Into the run folder, as a worker on this machine would have left them there. */
async function keepImages(
  { saveImages, indices }: ChunkTask,
  { outcomes }: ChunkResult,
  images: readonly ImageFile[],
  allCame: boolean,
): Promise<void> {
  if (!saveImages || images.length === 0) return;
  if (!allCame || saveImages.most === undefined) return writeImages(saveImages.folder, images);
  const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-images-'));
  try {
    writeImages(folder, images);
    const { shape, ...all } = await readImages(folder, indices);
    const there = new Set(all.indices);
    saveChunkImages(
      saveImages,
      all,
      outcomes.filter(({ index }) => there.has(index)),
      shape,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeImages(folder: string, images: readonly ImageFile[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { name, data } of images) {
    if (!/^\d+-\d+\.npz$/.test(name)) throw new GauntletError('queue-result', `"${name}" names no images.`);
    writeWhole(path.join(folder, name), [Buffer.from(data, 'base64')]);
  }
}
