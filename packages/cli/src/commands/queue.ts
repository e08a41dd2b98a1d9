import type { Argv, ArgumentsCamelCase } from 'yargs';
import { plainLines } from '@gauntlet/reporters';
import { count } from '../count.js';
import { exitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { loadQueue } from '../load-queue.js';
import { queueOption } from '../queue-options.js';

export const command = 'queue';
export const describe = 'Look at a queue';

export const status = {
  command: 'status',
  describe: 'Show the runs and the workers of a queue, and how much waits there',
  builder: (yargs: Argv) =>
    yargs
      .option('queue', queueOption)
      .option('json', { type: 'boolean', default: false, describe: 'As JSON' }),
  handler: showStatus,
};

type Options = ArgumentsCamelCase<Awaited<ReturnType<typeof status.builder>['argv']>>;

async function showStatus(options: Options, io: Io): Promise<number> {
  const { queueStatus, readAddress } = await loadQueue();
  const found = await queueStatus(readAddress(options.queue, io.env));
  if (options.json) {
    io.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    return exitCode.held;
  }
  const { runs, workers, waiting, orphaned, active, elsewhere } = found;
  const lines = [
    `${count(waiting, 'chunk')} waiting, ${active} being done.`,
    ...(orphaned > 0
      ? [
          `${orphaned} of those waiting ${orphaned === 1 ? 'is' : 'are'} of runs that are gone: the next worker drops them.`,
        ]
      : []),
    ...runs.map(
      ({ spec, process, priority, open, done }) =>
        `run    ${spec} on ${process}, priority ${priority}: ${done} done, ${open} open`,
    ),
    ...workers.map(
      ({ process, slots, busy, done, version }) =>
        `worker ${process}: ${busy} of ${slots} busy, ${done} done (${version})`,
    ),
    ...(elsewhere > 0
      ? [
          `Not counted: what waits for ${elsewhere} of these, with another key (GAUNTLET_QUEUE_KEY) or of another version.`,
        ]
      : []),
  ];
  // Names come from whoever writes to the queue.
  io.stdout.write(`${lines.map(plainLines).join('\n')}\n`);
  return exitCode.held;
}
