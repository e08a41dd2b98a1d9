import type { WorkerHost } from './worker-host.js';
import { work } from './work.js';

/** Does tasks in this very process: for debugging, replay and tests. It cannot be timed out. */
export function inProcessHost(): WorkerHost {
  return { run: (task) => work(task), close: async () => {} };
}
