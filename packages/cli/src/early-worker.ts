import { startWorker, type WorkerSlot } from '@gauntlet/core/start-worker';

/** Words of a command line that need no worker of this machine, or none yet. */
const without = /^(-h|--help|--version|--queue(-.*)?|(-j|--workers)=?0)(=.*)?$/;

/** The first worker of what a command line asks for, where that is sure to be a run with workers. */
export function earlyWorker([command, ...rest]: readonly string[]): WorkerSlot | undefined {
  const none = rest.some(
    (word, i) => without.test(word) || (word === '0' && ['-j', '--workers'].includes(rest[i - 1])),
  );
  return command === 'run' && !none ? startWorker() : undefined;
}
