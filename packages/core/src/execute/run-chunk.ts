import { reasonOf } from '../errors/gauntlet-error.js';
import { unassessed } from '../referee/outcome.js';
import { ChunkTimeout, isMemoryError, WorkerDied } from './failures.js';
import type { ChunkResult, ChunkTask, Task, TaskResult } from './task.js';
import type { WorkerHost } from './worker-host.js';

export interface Retry {
  samples: number;
  reason: string;
}

export interface ChunkPolicy {
  /** Seconds until a worker is given up. */
  timeout: number;
  signal: AbortSignal;
  onRetry(retry: Retry): void;
}

/**
 * Does a chunk whatever happens to workers: a time-out or an end of the worker costs one retry on a fresh one,
 * in halves where memory may have been the cause. What fails again is unassessed, with the reason.
 */
export async function runChunk(host: WorkerHost, task: ChunkTask, policy: ChunkPolicy): Promise<ChunkResult> {
  try {
    return await withTimeout(host, task, policy);
  } catch (error) {
    if (policy.signal.aborted) return giveUp(task, 'interrupted');
    const mayBeMemory = error instanceof WorkerDied || isMemoryError(error);
    if (!mayBeMemory && !(error instanceof ChunkTimeout)) return giveUp(task, reasonOf(error));
    policy.onRetry({ samples: task.indices.length, reason: reasonOf(error) });
    const middle = mayBeMemory ? Math.ceil(task.indices.length / 2) : task.indices.length;
    const parts = [task.indices.slice(0, middle), task.indices.slice(middle)].filter(
      (part) => part.length > 0,
    );
    const results: ChunkResult[] = [];
    for (const indices of parts) results.push(await lastTry(host, { ...task, indices }, policy));
    return {
      outcomes: results.flatMap(({ outcomes }) => outcomes),
      estimator: results.find(({ estimator }) => estimator)?.estimator,
    };
  }
}

async function lastTry(host: WorkerHost, task: ChunkTask, policy: ChunkPolicy): Promise<ChunkResult> {
  try {
    return await withTimeout(host, task, policy);
  } catch (error) {
    return giveUp(task, policy.signal.aborted ? 'interrupted' : reasonOf(error));
  }
}

const giveUp = (task: ChunkTask, reason: string): ChunkResult => ({
  outcomes: task.indices.map((index) => unassessed(index, reason)),
});

/** Runs a task, and ends its worker when the time is over or the run is interrupted. */
export async function withTimeout<T extends Task>(
  host: WorkerHost,
  task: T,
  { timeout, signal }: Pick<ChunkPolicy, 'timeout' | 'signal'>,
): Promise<TaskResult<T>> {
  const overtime = AbortSignal.timeout(timeout * 1000);
  try {
    return await host.run(task, AbortSignal.any([overtime, signal]));
  } catch (error) {
    if (overtime.aborted && !signal.aborted) throw new ChunkTimeout(timeout);
    throw error;
  }
}
