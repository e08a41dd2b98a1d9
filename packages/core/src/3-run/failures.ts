import { GauntletError, reasonOf } from '@gauntlet/api';

/** A chunk took longer than --timeout. */
export class ChunkTimeout extends GauntletError {
  constructor(seconds: number) {
    super('chunk-timeout', `the worker did not finish within ${seconds} s (--timeout)`);
  }
}

/** The worker's process ended without an answer: a crash, a kill, or the system taking its memory back. */
export class WorkerDied extends GauntletError {
  /** @param when What it was doing, where that is known: 'before it was ready'. */
  constructor(when?: string) {
    const where = when === undefined ? '' : ` ${when}`;
    super('worker-died', `the worker process died${where} (a crash, a kill, or no memory left)`);
  }
}

/** The host can do no further task: the run ends with this error, and what was finished is in its journal. */
export class HostFailed extends GauntletError {}

/** What a pool says when a worker ends during a task, or has ended just before it is sent one. */
export const isWorkerDeath = (error: unknown): boolean =>
  /exited unexpectedly|Terminating worker|ERR_WORKER|write EPIPE|ECONNRESET|channel closed|^spawn E/i.test(
    reasonOf(error),
  );
