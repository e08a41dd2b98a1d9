import { GauntletError } from '../errors/gauntlet-error.js';
import { didYouMean } from '../errors/nearest-name.js';

/** What `--engine` and `victim.engine` accept. `auto` takes the first that starts. */
export const engineNames = ['tfjs:wasm', 'tfjs:cpu'] as const;
export type EngineName = (typeof engineNames)[number];

export function resolveEngineName(name: string): EngineName {
  const full = name === 'auto' || name === 'tfjs' ? engineNames[0] : name;
  if ((engineNames as readonly string[]).includes(full)) return full as EngineName;
  throw new GauntletError(
    'engine-unknown',
    `There is no engine "${name}".${didYouMean(name, engineNames)} Known: auto, ${engineNames.join(', ')}.`,
  );
}

export type Runtime = 'child_process' | 'worker_threads';

/**
 * tfjs runs in processes: one can be killed at any point without harm to the run, and the operating system may
 * take it when memory runs out.
 */
const runtimes: Record<EngineName, Runtime> = { 'tfjs:wasm': 'child_process', 'tfjs:cpu': 'child_process' };

/** What the workers of a run have to be for all its engines: threads only if every engine works in threads. */
export function runtimeFor(engines: readonly string[]): Runtime {
  return engines.every((name) => runtimes[resolveEngineName(name)] === 'worker_threads')
    ? 'worker_threads'
    : 'child_process';
}
