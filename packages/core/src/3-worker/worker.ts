import { isFatalMemoryError } from './memory-errors.js';
import { OpenSettings } from './open-setting.js';
import type { Task } from './task.js';
import { watchHost } from './watchdog.js';
import { work } from './work.js';

// Ctrl-C and a closed terminal reach the whole process group; the host decides what ends.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
// The host is gone (kill -9): nobody waits for the result.
process.on('disconnect', () => process.exit(1));
watchHost(process.ppid);

const opened = new OpenSettings();

/** A worker whose wasm heap has aborted is of no more use: it ends, and its chunk goes to a fresh one. */
export default async function (task: Task) {
  try {
    return await work(task, opened);
  } catch (error) {
    if (isFatalMemoryError(error)) process.exit(1);
    throw error;
  }
}
