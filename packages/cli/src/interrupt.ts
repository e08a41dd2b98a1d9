import { exitCode } from './exit-codes.js';

/** Ctrl-C stops in good order; a second one stops at once. */
export function onInterrupt(): { signal: AbortSignal; off: () => void } {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(exitCode.interrupted);
    process.stderr.write('\nStopping; what is finished is kept. Ctrl-C again to stop at once.\n');
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    signal: controller.signal,
    off() {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
