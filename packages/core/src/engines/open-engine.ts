import type { Engine } from '@gauntlet/api';
import { loadPlugin } from '../plugins/load-plugin.js';
import { builtInEngines } from './built-in.js';
import { chooseEngine } from './choose-engine.js';
import { deviceOf, engineNames, splitEngineName, unknownEngine } from './engine-names.js';
import type { EngineChoice } from './engine-source.js';
import { startEngine, startTensors } from './start-engine.js';

/**
 * Starts a built-in engine; the machinery behind it is loaded only now. `auto` takes the fastest that this machine has.
 * @throws GauntletError `engine-unknown`, or `engine-start` with cause and remedy.
 */
export async function openEngine(name: string): Promise<Engine> {
  const { use, device } = splitEngineName(name === 'auto' ? await chooseEngine() : name);
  const plugin = builtInEngines.find((engine) => engine.name === use);
  if (!plugin) throw unknownEngine(name, ['auto', ...engineNames]);
  return startEngine(plugin, deviceOf(use, plugin, device).name, {});
}

/** Starts what a victim is computed by, a plugin by its reference. */
export async function openChosen({ engine, engineSource }: EngineChoice): Promise<Engine> {
  if (!engineSource) return openEngine(engine);
  const { plugin, device, params } = engineSource;
  return startEngine(await loadPlugin('engine', plugin), device, params);
}

/** Makes an engine's backend the current one again: another engine may have been the last one here. */
export async function makeCurrent(choice: EngineChoice): Promise<void> {
  const { engineSource } = choice;
  await (engineSource && !engineSource.setsBackend ? startTensors() : openChosen(choice));
}
