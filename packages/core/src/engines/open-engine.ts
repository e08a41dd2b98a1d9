import { GauntletError } from '../errors/gauntlet-error.js';
import { didYouMean } from '../errors/nearest-name.js';
import type { Engine } from './engine.js';

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

/** Starts an engine; the machinery behind it is loaded only now. */
export async function openEngine(name: string): Promise<Engine> {
  const device = resolveEngineName(name).split(':')[1] as 'wasm' | 'cpu';
  const { startTfjs } = await import('./tfjs/start.js');
  return startTfjs(device);
}
