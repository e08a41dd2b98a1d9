import type { Argv } from 'yargs';
import { GauntletError } from '@gauntlet/api';
import { inProcessHost, poolHost, type WorkerHost } from '@gauntlet/core';
import { packages } from './built-in.js';
import type { Io } from './io.js';
import { loadQueue } from './load-queue.js';
import { checkInteger } from './options.js';

/** Of commands that are about a queue and nothing else. */
export const queueOption = {
  type: 'string',
  requiresArg: true,
  demandOption: true,
  describe: 'redis://host:port, or rediss:// with TLS',
} as const;

/** What `gauntlet run` has to know of a queue. */
export const withQueueOptions = <T>(yargs: Argv<T>) =>
  yargs
    .option('queue', {
      type: 'string',
      requiresArg: true,
      describe: 'redis://host:port: plan and judge here, and let the workers of this queue do the chunks',
    })
    .option('priority', {
      type: 'number',
      requiresArg: true,
      default: 100,
      describe: 'With --queue: runs with a smaller number are served first',
    })
    .option('verify', {
      type: 'number',
      requiresArg: true,
      default: 0,
      describe: 'With --queue: share of the chunks whose images are judged once more here',
    })
    .option('store', {
      type: 'string',
      requiresArg: true,
      default: '64',
      describe:
        'With --queue: where models, data and plugins are put: s3://bucket/prefix, or most MiB of them in Redis; 0 for shared paths alone',
    });

interface QueueChoice {
  queue?: string;
  priority: number;
  verify: number;
  store: string;
  workers?: number;
  timeout: number;
}

export function checkQueueOptions({ queue, priority, verify, store }: QueueChoice): void {
  if (queue === undefined) return;
  checkInteger('priority', priority, 1);
  if (priority > 2 ** 20) throw new GauntletError('usage', `--priority must be at most ${2 ** 20}.`);
  if (!(verify >= 0 && verify <= 1))
    throw new GauntletError('usage', '--verify must be a number from 0 to 1.');
  if (!isS3(store) && !(store.trim() !== '' && Number(store) >= 0))
    throw new GauntletError(
      'usage',
      `--store must be a number of MiB of at least 0, or s3://bucket/prefix; found "${store}".`,
    );
}

const isS3 = (store: string) => store.startsWith('s3://');

/** A host on the queue that was asked for, and for how many workers chunks are cut; nothing without a queue. */
export async function openQueueHost(
  { queue, workers = 1, priority, verify, store, timeout }: QueueChoice,
  spec: string,
  { env, cwd, stderr }: Io,
): Promise<{ host: WorkerHost; workers: number } | undefined> {
  if (queue === undefined) return undefined;
  const { QueueHost, readAddress, readS3 } = await loadQueue();
  const host = await QueueHost.open(readAddress(queue, env), {
    spec,
    timeout,
    priority,
    verify,
    store: isS3(store) ? readS3(store, env) : Number(store) * 2 ** 20,
    packages: [cwd, packages],
    local: workers === 0 ? inProcessHost() : poolHost(workers),
    say: (sentence) => stderr.write(`${sentence}\n`),
  });
  return { host, workers: host.slots };
}
