import { resolveEngineName } from './engine-names.js';
import type { Engine } from './engine.js';

/** Starts an engine; the machinery behind it is loaded only now. */
export async function openEngine(name: string): Promise<Engine> {
  const device = resolveEngineName(name).split(':')[1] as 'wasm' | 'cpu';
  const { startTfjs } = await import('./tfjs/start.js');
  return startTfjs(device);
}
