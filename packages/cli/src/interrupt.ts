import type { Io } from './io.js';

/** Ctrl-C stops in good order. */
export function onInterrupt(io: Io): { signal: AbortSignal; off: () => void } {
  const controller = new AbortController();
  const off = io.onInterrupt(() => {
    io.stderr.write('\nStopping; what is finished is kept. Ctrl-C again to stop at once.\n');
    controller.abort();
  });
  return { signal: controller.signal, off };
}
