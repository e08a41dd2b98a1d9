import { reasonOf, unassessed } from '@gauntlet/api';
import { isMemoryError } from '../3-worker/memory-errors.js';
import type { ChunkResult, ChunkTask, InputHashes, Task, TaskResult } from '../3-worker/task.js';
import { timeLimit } from '../time-limit.js';
import { ChunkTimeout, HostFailed, WorkerDied } from './failures.js';
import type { WorkerHost } from './worker-host.js';

export interface Retry {
  samples: number;
  reason: string;
  /** Memory may have been the cause: this many samples at a time are tried now. */
  smaller?: number;
}

export interface ChunkPolicy {
  /** Seconds until a worker is given up. */
  timeout: number;
  signal: AbortSignal;
  onRetry(retry: Retry): void;
  /** Why outcomes that were got from these inputs are none of this run; nothing if they are. */
  inspect(indices: readonly number[], inputs: InputHashes): string | undefined;
  /** How often all workers of this run were replaced. */
  renewals: { count: number };
}

/**
 * Does a chunk whatever happens to workers. A time-out or an end of the worker costs one retry on a fresh one, in
 * halves where memory may have been the cause; an engine that says that memory is out is asked for halves again
 * until one sample is left. What was done with other inputs than the run's is done once more by a fresh worker. What
 * fails for good is unassessed, with the reason; only `HostFailed` ends the whole run.
 */
export async function runChunk(
  host: WorkerHost,
  task: ChunkTask,
  policy: ChunkPolicy,
  retried = false,
): Promise<ChunkResult> {
  const before = policy.renewals.count;
  try {
    const result = await withTimeout(host, task, policy);
    const reason = result.inputs && policy.inspect(task.indices, result.inputs);
    if (reason === undefined) return result;
    const { renewals } = policy;
    if (!host.renew || (before > 0 && renewals.count === before)) return giveUp(task, reason);
    // A worker that has served an earlier run may hold what was there then. All of them are replaced, once in a run.
    if (renewals.count === before) {
      renewals.count++;
      await host.renew();
    }
    return await runChunk(host, task, policy, retried);
  } catch (error) {
    if (policy.signal.aborted) return giveUp(task, 'interrupted');
    if (error instanceof HostFailed) throw error;
    const samples = task.indices.length;
    const saysMemory = isMemoryError(error) && samples > 1;
    const mayBeMemory = saysMemory || error instanceof WorkerDied;
    if (!saysMemory && (retried || !(error instanceof WorkerDied || error instanceof ChunkTimeout))) {
      return giveUp(task, reasonOf(error));
    }
    const middle = mayBeMemory ? Math.ceil(samples / 2) : samples;
    policy.onRetry({
      samples,
      reason: reasonOf(error),
      ...(mayBeMemory && samples > 1 ? { smaller: middle } : {}),
    });
    const parts = [task.indices.slice(0, middle), task.indices.slice(middle)].filter(
      (part) => part.length > 0,
    );
    const results: ChunkResult[] = [];
    for (const indices of parts) results.push(await runChunk(host, { ...task, indices }, policy, true));
    return {
      outcomes: results.flatMap(({ outcomes }) => outcomes),
      engines: [...new Set(results.flatMap(({ engines }) => engines ?? []))],
      estimator: results.find(({ estimator }) => estimator)?.estimator,
      traces: results.flatMap(({ traces }) => traces ?? []),
      checkSeconds: results.reduce((sum, { checkSeconds = 0 }) => sum + checkSeconds, 0),
    };
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
  if (host.timesTasks) return host.run(task, signal);
  const overtime = timeLimit(timeout);
  try {
    return await host.run(task, AbortSignal.any([overtime, signal]));
  } catch (error) {
    if (overtime.aborted && !signal.aborted) throw new ChunkTimeout(timeout);
    throw error;
  }
}
