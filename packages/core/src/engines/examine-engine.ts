import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Trial } from './trial.js';

export interface Examination extends Trial {
  /** What its libraries wrote on standard error. */
  chatter: string;
}

/**
 * Tries an engine in a process of its own, since a driver can take its process with it. `measure`: also how fast
 * it is on a small network.
 */
export function examineEngine(name: string, task: 'start' | 'measure'): Promise<Examination> {
  const script = fileURLToPath(new URL('./try-engine.js', import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [script, name, task], { timeout: 120_000 }, (failure, stdout, stderr) => {
      const chatter = stderr.trim();
      const line = stdout.trim().split('\n').pop() ?? '';
      try {
        resolve({ ...(JSON.parse(line) as Trial), chatter });
      } catch {
        const how = failure?.killed
          ? 'it took longer than two minutes'
          : `its process ended (${failure?.signal ?? failure?.code ?? 'no output'})`;
        resolve({
          error: `The engine ${name} cannot start: ${how}. Update the driver of the device.`,
          chatter,
        });
      }
    });
  });
}
