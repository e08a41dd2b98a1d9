import { didYouMean, type EngineDevice, type EnginePlugin, GauntletError } from '@gauntlet/api';
import { builtInEngines } from './built-in.js';

const namesOf = (use: string, { devices }: EnginePlugin) => devices.map(({ name }) => `${use}:${name}`);

/** What `--engine` and `victim.engine` accept beside `auto`, plugins, and built-in engines without a device. */
export const engineNames: readonly string[] = builtInEngines.flatMap((engine) =>
  namesOf(engine.name, engine),
);

/** `./mine.js:gpu` in two. The device may be left out; the colon after the letter of a drive is not before one. */
export function splitEngineName(name: string): { use: string; device?: string } {
  const [, use = name, device] = /^(.+?)(?::([a-z][a-z\d-]*))?$/s.exec(name) ?? [];
  return { use, device };
}

/**
 * The device of an engine that a spec calls `use`; its first, if none is named.
 * @throws GauntletError `engine-unknown`
 */
export function deviceOf(use: string, engine: EnginePlugin, device?: string): EngineDevice {
  const found = device === undefined ? engine.devices[0] : engine.devices.find(({ name }) => name === device);
  if (found) return found;
  const others = builtInEngines.includes(engine) ? ['auto', ...engineNames] : namesOf(use, engine);
  throw unknownEngine(device === undefined ? use : `${use}:${device}`, others);
}

export function unknownEngine(name: string, known: readonly string[], more = ''): GauntletError {
  return new GauntletError(
    'engine-unknown',
    `There is no engine "${name}".${didYouMean(name, known)} Known: ${known.join(', ')}.${more}`,
  );
}
