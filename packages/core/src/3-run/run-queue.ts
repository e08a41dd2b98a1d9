import type { Report, RunEvent } from '@gauntlet/api';
import { stopsEarly } from '../1-spec/early.js';
import type { Spec } from '../1-spec/spec.js';
import type { Inspect } from '../2-plan/inspect-inputs.js';
import type { Progress } from '../2-plan/open-cells.js';
import type { Chunk } from '../2-plan/plan-chunks.js';
import { settingOf } from '../2-plan/setting-of.js';
import type { Probes } from '../3-worker/probes.js';
import type { ChunkResult, ChunkTask, InputHashes } from '../3-worker/task.js';
import { runDefaults, type RunOptions } from '../run-options.js';
import type { ExamplesFile } from '../store/examples.js';
import { cellFolder } from '../store/images.js';
import { Journal, journalFile } from '../store/journal.js';
import { isRandomised } from '../victims/is-randomised.js';
import { type Retry, runChunk } from './run-chunk.js';
import { stopEarly } from './stop-early.js';
import type { WorkerHost } from './worker-host.js';

export interface QueueContext {
  spec: Spec;
  options: RunOptions;
  host: WorkerHost;
  workers: number;
  /** Ends the run early. */
  stop: AbortController;
  /** Of `stop` and of the user. */
  signal: AbortSignal;
  emit: (event: RunEvent) => void;
  /** All outcomes of a cell are there. */
  onCellDone: (item: Progress) => void;
  inspect: Inspect;
  /** What victims were opened with for the plan, and what was seen of them. */
  probes: Probes;
  /** How often all workers of this run were replaced. */
  renewals: { count: number };
}

type Retries = Report['execution']['retries'];

/** Does all chunks, as many at a time as there are workers or as the host takes; each is in the journal before it counts. */
export async function runQueue(queue: Chunk[], context: QueueContext): Promise<Retries> {
  const { options, host, workers, stop, signal } = context;
  const journal = Journal.open(journalFile(options.output), options.resume ?? false);
  const retries: Retries = [];
  const drain = async () => {
    let done: Done | undefined;
    while (!signal.aborted && queue.length > 0) {
      // A worker need not wait for the disk, unless what it did may end its cell or the run.
      if (done && decides(done.item)) {
        done.settle();
        done = undefined;
        continue;
      }
      const next = runNext(queue, journal, retries, context);
      // A journal that cannot be written ends the run while this goes on.
      next.catch(() => undefined);
      done?.settle();
      done = await next;
    }
    done?.settle();
  };
  const drains = Array.from({ length: host.depth ?? Math.max(1, workers) }, drain);
  try {
    await Promise.all(drains);
  } catch (error) {
    // The journal cannot be written, or the host can do no more: end the workers, so that nothing runs on unrecorded.
    stop.abort();
    await Promise.allSettled(drains);
    throw error;
  } finally {
    journal.close();
  }
  return retries;
}

/** A chunk whose outcomes are still to be taken down. */
interface Done {
  item: Progress;
  settle: () => void;
}

/** Whether what is known after a chunk may leave others undone: of a cell that ends early, and of the last one of a cell (`bail`). */
const decides = ({ cell, openChunks }: Progress): boolean =>
  openChunks === 1 || stopsEarly(cell.attack.expectations);

/** Does the next chunk; nothing is given where the run was ended meanwhile. */
async function runNext(
  queue: Chunk[],
  journal: Journal,
  retries: Retries,
  context: QueueContext,
): Promise<Done | undefined> {
  const { options, host, signal, emit, onCellDone } = context;
  const chunk = takeChunk(queue);
  const { item } = chunk;
  const cell = item.cell.id;
  const started = Date.now();
  const onRetry = ({ smaller, ...retry }: Retry) => {
    if (smaller !== undefined) item.limit = Math.min(smaller, item.limit ?? smaller);
    retries.push({ cell, ...retry });
    emit({ type: 'retry', cell, ...retry });
  };
  const { timeout = runDefaults.timeout } = options;
  const inspect = (indices: readonly number[], inputs: InputHashes) =>
    context.inspect(item.cell, indices, inputs);
  const policy = { timeout, signal, onRetry, inspect, renewals: context.renewals };
  const result = await runChunk(host, chunkTask(chunk, context), policy);
  if (signal.aborted) return undefined;
  const seconds = (Date.now() - started) / 1000;
  const settle = () => {
    keep(journal, item, result, context.probes.get(item.cell.victim.name)!.victim.engine);
    stopEarly(item, queue);
    emit({ type: 'chunk-done', cell, outcomes: result.outcomes, seconds });
    if (--item.openChunks === 0) onCellDone(item);
  };
  return { item, settle };
}

/** The next chunk, or as much of it as its cell was found to have memory for. */
function takeChunk(queue: Chunk[]): Chunk {
  const { item, indices } = queue.shift()!;
  if (item.limit === undefined || indices.length <= item.limit) return { item, indices };
  queue.unshift({ item, indices: indices.slice(item.limit) });
  item.openChunks++;
  return { item, indices: indices.slice(0, item.limit) };
}

function chunkTask({ item, indices }: Chunk, { spec, options, probes }: QueueContext): ChunkTask {
  const { cell, key, examples, keepsExamples } = item;
  const { traces = 0, output } = options;
  const images = keepsExamples ? {} : options.images;
  return {
    kind: 'chunk',
    attack: cell.attack,
    indices,
    randomised: isRandomised(probes.get(cell.victim.name)!.examination),
    saveImages: images && { ...images, folder: cellFolder(output, { id: cell.id, key }) },
    ...(examples && { examples: fileOf(examples) }),
    traces: item.indices.slice(0, traces),
    unbounded: unboundedSamples(item.indices),
    ...settingOf(spec, cell),
  };
}

const fileOf = ({ file, sha256, count, shape }: ExamplesFile): ExamplesFile => ({
  file,
  sha256,
  count,
  shape,
});

/** One in twenty up to four, so that they cost little; known before the attack, so that chunks have no influence on them. */
function unboundedSamples(indices: readonly number[]): number[] {
  const n = Math.min(4, Math.floor(indices.length / 20));
  return Array.from({ length: n }, (_, i) => indices[Math.floor(((i + 0.5) * indices.length) / n)]);
}

function keep(journal: Journal, item: Progress, result: ChunkResult, engine: string): void {
  const { cell, key } = item;
  // Whatever a chunk was not allowed to finish is tried again on --resume.
  const certain = result.outcomes.filter(({ status, defect }) => status !== 'unassessed' || defect);
  const { estimator, traces, engines = [] } = result;
  const others = engines.filter((one) => one !== engine);
  const otherEngines = others.length > 0 ? others : undefined;
  const line = { key, victim: cell.victim.name, attack: cell.attack.name };
  if (certain.length > 0) journal.append(line, { outcomes: certain, estimator, traces, otherEngines });
  result.outcomes.forEach((outcome) => item.outcomes.set(outcome.index, outcome));
  item.checkSeconds += result.checkSeconds ?? 0;
  others.forEach((one) => item.otherEngines.add(one));
  item.estimator ??= estimator;
  item.traces.push(...(traces ?? []));
}
