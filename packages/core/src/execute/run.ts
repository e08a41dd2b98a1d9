import path from 'node:path';
import type { PluginReference } from '../attacks/load-plugin.js';
import { chooseEngine } from '../engines/choose-engine.js';
import { defaultWorkers } from '../engines/devices.js';
import { GauntletError, reasonOf } from '../errors/gauntlet-error.js';
import type { Report } from '../referee/report.js';
import type { Spec } from '../spec/spec.js';
import { makeCells, type Cell, type CellChoice } from '../plan/cells.js';
import { planChunks } from './plan-chunks.js';
import { reportCell, reportRun } from './build-report.js';
import { compareWith, type Baseline } from '../compare/baseline.js';
import { EventQueue } from './event-queue.js';
import type { RunEvent } from './events.js';
import { CellCache } from './cache.js';
import { cellKeys } from './cell-keys.js';
import { cellFolder } from './images.js';
import { inProcessHost } from './in-process-host.js';
import { Journal, type Finished } from './journal.js';
import { poolHost } from './pool-host.js';
import { makeOutputFolder, memoryPerWorker, probeVictims, resumeKey, setting } from './prepare.js';
import { runChunk, type Retry } from './run-chunk.js';
import { openCells, type Progress } from './open-cells.js';
import type { WorkerHost } from './worker-host.js';

export interface RunOptions extends CellChoice {
  /** Folder for the journal; made if it is not there. */
  output: string;
  /** Worker processes; 0 does everything in this process, for debugging. Default: one per core. */
  workers?: number;
  /** Continue the journal in `output`. */
  resume?: boolean;
  /** Seconds that one chunk may take. */
  timeout?: number;
  /** Largest number of samples in one chunk. */
  batchSize?: number;
  /** Stop after this many cells that do not pass. */
  bail?: number;
  /** Interrupts the run; its report covers what is there. */
  signal?: AbortSignal;
  /** Images of each chunk to keep in `output`; see `readImages`. None by default. */
  images?: { most?: number };
  /** Samples of each cell whose way through the attack is recorded. None by default. */
  traces?: number;
  /** Do cells again that are unchanged since an earlier run in `output`. */
  force?: boolean;
  /** Workers to use, and to leave running, instead of new ones. */
  host?: WorkerHost;
  /** Compare with this earlier report, sample by sample; regressions fail the run. */
  baseline?: Baseline;
  /** Where the referee's measure of mutual information is. */
  yardstick?: PluginReference;
}

export const runDefaults = { timeout: 1800, batchSize: 100 } as const;

/** Runs a spec. Consume the events to the end; the last one is `run-done` with the report. */
export function run(spec: Spec, options: RunOptions): AsyncIterable<RunEvent> {
  const queue = new EventQueue<RunEvent>();
  execute(spec, options, (event) => queue.push(event)).then(
    () => queue.end(),
    (error: unknown) => queue.fail(error),
  );
  return queue;
}

function noCells(spec: Spec, { grep, shard }: CellChoice): string {
  const left = makeCells(spec, { grep }).length;
  if (left === 0) return `No cell of ${spec.file} matches ${String(grep)}.`;
  return shard ? `Shard ${shard.index} of ${shard.count} has no cell: there are ${left}.` : `No cell of ${spec.file} is left to run.`; // prettier-ignore
}

/** `auto` is decided once, so that all workers compute alike. */
async function withEngines(spec: Spec): Promise<Spec> {
  if (!spec.victims.some(({ engine }) => engine === 'auto')) return spec;
  const auto = await chooseEngine();
  const victims = spec.victims.map((victim) => ({ ...victim, engine: victim.engine === 'auto' ? auto : victim.engine })); // prettier-ignore
  return { ...spec, victims };
}

async function execute(spec: Spec, options: RunOptions, emit: (event: RunEvent) => void): Promise<void> {
  const started = Date.now();
  const { timeout = runDefaults.timeout, batchSize = runDefaults.batchSize } = options;
  const cells = makeCells(await withEngines(spec), options);
  const workers = options.workers ?? defaultWorkers(cells.map(({ victim }) => victim.engine));
  if (cells.length === 0) throw new GauntletError('no-cells', noCells(spec, options));
  makeOutputFolder(options.output);

  const userSignal = options.signal ?? new AbortController().signal;
  const stop = new AbortController();
  const signal = AbortSignal.any([userSignal, stop.signal]);
  const host = options.host ?? (workers === 0 ? inProcessHost() : poolHost(workers));
  const retries: Report['execution']['retries'] = [];
  let journal: Journal | undefined;
  try {
    const probes = await probeVictims(spec, cells, host, options.yardstick, timeout, signal);
    const probeOf = (cell: Cell) => probes.get(cell.victim.name)!;
    const first = probeOf(cells[0]);
    journal = Journal.open(
      path.join(options.output, 'journal.jsonl'),
      resumeKey(spec, probes),
      options.resume ?? false,
    );
    const cache = new CellCache(options.output);
    const keys = cellKeys(spec, cells, probes, options.yardstick);
    const wanted = { images: options.images ? (options.images.most ?? Infinity) : 0, traces: options.traces ?? 0 }; // prettier-ignore
    const progress = openCells(cells, keys, first.dataset.indices, journal.finished, cache, {
      force: options.force ?? false,
      wanted,
    });
    emit({
      type: 'run-started',
      spec,
      workers,
      cells: progress.map(({ cell, indices, outcomes }) => ({
        id: cell.id,
        samples: indices.length,
        reused: outcomes.size,
      })),
    });
    for (const [name, { victim }] of probes)
      victim.notes.forEach((note) => emit({ type: 'note', message: `${name}: ${note}` }));
    const reused = progress.reduce((sum, { outcomes, reused }) => sum + (reused ? 0 : outcomes.size), 0);
    if (reused > 0)
      emit({ type: 'note', message: `${reused} outcomes are taken from the journal of the run before.` });

    const queue = await planChunks(progress, (cell) => probeOf(cell).victim, { workers: Math.max(1, workers), batchSize, memory: memoryPerWorker(workers) }); // prettier-ignore
    const keep = (id: string, key: string, finished: Finished) => {
      try {
        cache.write(id, key, finished, wanted);
      } catch (error) {
        emit({ type: 'note', message: `${id} cannot be kept for later runs: ${reasonOf(error)}` });
      }
    };
    let broken = 0;
    const finish = (item: Progress) => {
      item.report = reportCell(item.cell, item.key, item.indices, item.outcomes, item, spec.maxUnassessed);
      if (!item.reused) keep(item.cell.id, item.key, item.report);
      emit({ type: 'cell-done', cell: item.report, reused: item.reused });
      if (item.report.verdict !== 'pass' && ++broken === options.bail) stop.abort();
    };
    progress.filter((item) => item.openChunks === 0).forEach(finish);

    const drain = async () => {
      for (let next = queue.shift(); next && !signal.aborted; next = queue.shift()) {
        const { item } = next;
        const indices = next.indices.slice(0, item.limit);
        if (indices.length < next.indices.length) {
          queue.unshift({ item, indices: next.indices.slice(indices.length) });
          item.openChunks++;
        }
        const { cell } = item;
        const chunkStarted = Date.now();
        const onRetry = ({ smaller, ...retry }: Retry) => {
          if (smaller !== undefined) item.limit = Math.min(smaller, item.limit ?? smaller);
          retries.push({ cell: cell.id, ...retry });
          emit({ type: 'retry', cell: cell.id, ...retry });
        };
        const task = {
          kind: 'chunk',
          attack: cell.attack,
          indices,
          saveImages: options.images && { ...options.images, folder: cellFolder(options.output, { id: cell.id, key: item.key }) }, // prettier-ignore
          traces: item.indices.slice(0, options.traces ?? 0),
          ...setting(spec, cell, options.yardstick),
        } as const;
        const result = await runChunk(host, task, { timeout, signal, onRetry });
        if (signal.aborted) return;
        // Whatever a chunk was not allowed to finish is tried again on --resume.
        const certain = result.outcomes.filter(({ status, defect }) => status !== 'unassessed' || defect);
        if (certain.length > 0) journal!.append(cell.id, { ...result, outcomes: certain });
        result.outcomes.forEach((outcome) => item.outcomes.set(outcome.index, outcome));
        item.estimator ??= result.estimator;
        item.traces.push(...(result.traces ?? []));
        emit({
          type: 'chunk-done',
          cell: cell.id,
          outcomes: result.outcomes,
          seconds: (Date.now() - chunkStarted) / 1000,
        });
        if (--item.openChunks === 0) finish(item);
      }
    };
    const drains = Array.from({ length: Math.max(1, workers) }, drain);
    try {
      await Promise.all(drains);
    } catch (error) {
      // The journal cannot be written: end the workers, so that nothing runs on unrecorded.
      stop.abort();
      await Promise.allSettled(drains);
      throw error;
    }
    progress.filter(({ report }) => !report).forEach(finish);
    cache.clean();
    const reports = progress.map(({ report }) => report!);
    const report = reportRun(spec, probes, reports, {
      interrupted: userSignal.aborted,
      shard: options.shard,
      execution: {
        startedAt: new Date(started).toISOString(),
        seconds: (Date.now() - started) / 1000,
        workers,
        node: process.version,
        retries,
        reused,
        reusedCells: progress.flatMap(({ cell, reused }) => (reused ? [cell.id] : [])),
      },
    });
    emit({
      type: 'run-done',
      report: options.baseline ? compareWith(report, options.baseline, options) : report,
    });
  } finally {
    journal?.close();
    if (!options.host) await host.close();
  }
}
