// Processes of a fault, found by the mark in their environment: Linux only.
import { readdirSync, readFileSync } from 'node:fs';

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const read = (file) => {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
};

/** Zombies have no environment any more, so that they are none of these. */
export function processesOf(mark) {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(`GAUNTLET_FAULT=${mark}`))
    .map((pid) => ({
      pid: Number(pid),
      worker: read(`/proc/${pid}/environ`).includes('\0GAUNTLET_WORKER='),
    }));
}

/** What is left of a fault's processes when they have had ten seconds to end. */
export async function orphansOf(mark, seconds = 10) {
  const end = performance.now() + 1000 * seconds;
  let left = processesOf(mark);
  while (left.length > 0 && performance.now() < end) {
    await wait(100);
    left = processesOf(mark);
  }
  for (const { pid } of left) kill(pid, 'SIGKILL');
  return left;
}

/** Sends a signal to a process that may have ended; says whether it was there. */
export function kill(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
