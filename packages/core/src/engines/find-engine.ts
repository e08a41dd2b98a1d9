import path from 'node:path';
import { type EnginePlugin, GauntletError } from '@gauntlet/api';
import { loadPlugin } from '../plugins/load-plugin.js';
import { type PluginPlaces, resolvePlugin } from '../plugins/resolve-plugin.js';
import { builtInEngines } from './built-in.js';
import { deviceOf, engineNames, splitEngineName, unknownEngine } from './engine-names.js';
import type { EngineChoice } from './engine-source.js';

export interface FoundEngine {
  plugin: EnginePlugin;
  /** Of a plugin with these options, which are not looked at. */
  chosen: (params: Record<string, unknown>) => EngineChoice;
}

/**
 * From what a spec says (`onnx`, `tfjs:wasm`, `./mine.js`, `some-package#name:gpu`) to an engine and its device.
 * @throws GauntletError `engine-unknown`, or what is wrong with the plugin
 */
export async function findEngine(written: string, places: PluginPlaces): Promise<FoundEngine> {
  const { use, device } = splitEngineName(written);
  const builtIn = builtInEngines.find(({ name }) => name === use);
  if (builtIn) {
    const engine = `${use}:${deviceOf(use, builtIn, device).name}`;
    return { plugin: builtIn, chosen: () => ({ engine }) };
  }
  const reference = resolve(use, written, places);
  const plugin = await loadPlugin('engine', reference);
  if (!Array.isArray(plugin.devices) || plugin.devices.length === 0)
    throw new GauntletError(
      'plugin-broken',
      `The engine ${plugin.name} has no devices. Give it at least one: devices: [{ name: 'cpu' }].`,
    );
  const { name, graphicsCard = false } = deviceOf(use, plugin, device);
  const source = {
    plugin: { ...reference, name: plugin.name },
    version: plugin.version,
    device: name,
    graphicsCard,
    setsBackend: plugin.setsBackend ?? false,
  };
  return {
    plugin,
    chosen: (params) => ({ engine: `${plugin.name}:${name}`, engineSource: { ...source, params } }),
  };
}

function resolve(use: string, written: string, places: PluginPlaces) {
  try {
    return resolvePlugin('engine', use, places);
  } catch (error) {
    const isPath = /^\.{1,2}[\\/]/.test(use) || path.isAbsolute(use);
    if (isPath || !(error instanceof GauntletError) || error.code !== 'plugin-missing') throw error;
    throw unknownEngine(
      written,
      ['auto', ...engineNames, ...(places.builtIn.engine?.keys() ?? [])],
      ' Others are named by package (npm install it first) or by a path that starts with ./',
    );
  }
}
