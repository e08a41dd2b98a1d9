import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { GauntletError } from '@gauntlet/api';
import { chooseEngine, defaultWorkers, engineNames, inProcessHost, poolHost } from '@gauntlet/core';
import { packages } from '../built-in.js';
import { exitCode } from '../exit-codes.js';
import { onInterrupt } from '../interrupt.js';
import type { Io } from '../io.js';
import { loadQueue } from '../load-queue.js';
import { checkInteger } from '../options.js';
import { queueOption } from '../queue-options.js';

export const command = 'work';
export const describe = 'Do chunks of runs on other machines, from a queue';

export const builder = (yargs: Argv) =>
  yargs
    .option('queue', queueOption)
    .option('workers', {
      alias: 'j',
      type: 'number',
      requiresArg: true,
      describe: 'Worker processes; one per core by default, one per card for engines on a GPU, 0 for none',
    })
    .option('engine', {
      type: 'string',
      requiresArg: true,
      describe: `Instead of the engine that the run was planned with: auto, ${engineNames.join(', ')}`,
    })
    .option('allow-plugins', {
      type: 'boolean',
      default: false,
      describe: 'Run code that is sent with a run; installed packages need no leave',
    })
    .option('cache', {
      type: 'string',
      requiresArg: true,
      describe:
        'Folder for models, data and plugins; node_modules/.cache/gauntlet by default, or ~/.cache/gauntlet',
    })
    .option('lock', {
      type: 'number',
      requiresArg: true,
      default: 30,
      describe: 'Seconds after which chunks of this worker go to others if it says nothing any more',
    })
    .option('idle', {
      type: 'number',
      requiresArg: true,
      describe: 'End after this many seconds without a chunk; never by default',
    })
    .option('reconnect', {
      type: 'number',
      requiresArg: true,
      default: 600,
      describe: 'End after this many seconds without a connection to the queue',
    })
    .option('metrics-port', {
      type: 'number',
      requiresArg: true,
      describe: 'Serve counters for Prometheus on this port, at /metrics',
    })
    .example('$0 work --queue redis://planner:6379 -j 4', 'four chunks at a time')
    .check(checkOptions);

type Options = ArgumentsCamelCase<Awaited<ReturnType<typeof builder>['argv']>>;

function checkOptions(options: Record<string, unknown>): true {
  checkInteger('workers', options.workers, 0);
  checkInteger('metrics-port', options.metricsPort, 1);
  for (const name of ['lock', 'idle', 'reconnect']) {
    const value = options[name];
    if (value !== undefined && !((value as number) > 0))
      throw new GauntletError('usage', `--${name} must be a number of seconds above 0.`);
  }
  const { engine } = options as { engine?: string };
  if (engine !== undefined && !['auto', ...engineNames].includes(engine.split(':').slice(0, 2).join(':')))
    throw new GauntletError('usage', `--engine must be one of auto, ${engineNames.join(', ')}.`);
  return true;
}

export async function handler(options: Options, io: Io): Promise<number> {
  const { readAddress, serve } = await loadQueue();
  const address = readAddress(options.queue, io.env);
  const engine = options.engine === 'auto' ? await chooseEngine() : options.engine;
  const workers = options.workers ?? defaultWorkers(engine === undefined ? [] : [{ engine }]);
  const interrupt = onInterrupt(io);
  try {
    const done = await serve(address, {
      host: workers === 0 ? inProcessHost() : poolHost(workers),
      slots: Math.max(1, workers),
      engine,
      cache: cacheFolder(options.cache, io),
      allowPlugins: options.allowPlugins,
      packages: [io.cwd, packages],
      lock: options.lock,
      idle: options.idle,
      reconnect: options.reconnect,
      metricsPort: options.metricsPort,
      env: io.env,
      signal: interrupt.signal,
      say: (sentence) => io.stderr.write(`${sentence}\n`),
    });
    io.stdout.write(`${done} chunk${done === 1 ? '' : 's'} done.\n`);
    return exitCode.held;
  } finally {
    interrupt.off();
  }
}

/** Plugins that are sent import packages from where the cache lies, so a project's own is the best place. */
function cacheFolder(given: string | undefined, { cwd, env }: Io): string {
  if (given !== undefined) return path.resolve(cwd, given);
  const modules = path.join(cwd, 'node_modules');
  if (existsSync(modules)) return path.join(modules, '.cache', 'gauntlet');
  return path.join(env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'gauntlet');
}
