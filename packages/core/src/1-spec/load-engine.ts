import { GauntletError } from '@gauntlet/api';
import type { EngineChoice } from '../engines/engine-source.js';
import { findEngine } from '../engines/find-engine.js';
import type { PluginPlaces } from '../plugins/resolve-plugin.js';
import { useWithParams } from '../plugins/use-with-params.js';
import { checkAgainst } from './check-params.js';
import type { Loading, Path } from './load-attacks.js';
import type { EngineInput } from './spec.js';

/** What computes a victim, as its spec says. */
export async function loadEngine(
  given: EngineInput,
  where: Path,
  { located, complain }: Loading,
  places: PluginPlaces,
): Promise<EngineChoice | undefined> {
  const { use, device, params = {} } = typeof given === 'string' ? { use: given } : given;
  if (use === 'auto' && device === undefined && Object.keys(params).length === 0) return { engine: 'auto' };
  const at = (key: string) => (typeof given === 'string' ? where : [...where, key]);
  // The engine comes first, so that a wrong device is complained of where it stands.
  const whole = await located(at('use'), () => findEngine(use, places));
  const found =
    whole &&
    (device === undefined
      ? whole
      : await located(at('device'), () => findEngine(`${use}:${device}`, places)));
  if (!found) return undefined;
  complain(at('params'), checkAgainst(found.plugin.params, params));
  return found.chosen(params);
}

/**
 * What computes every victim, as a command line says: `tfjs:wasm`, `./mine.mjs:gpu`, and with options
 * `./mine.mjs:gpu={"threads":2}`.
 * @throws GauntletError what is wrong with it
 */
export async function engineOfCommand(given: string, places: PluginPlaces): Promise<EngineChoice> {
  if (given === 'auto') return { engine: 'auto' };
  const option = `--engine ${given}`;
  const { use, params } = useWithParams(given, option);
  const { plugin, chosen } = await findEngine(use, places);
  const complaints = checkAgainst(plugin.params, params);
  if (complaints.length === 0) return chosen(params);
  throw new GauntletError(
    'usage',
    `${option}: ${complaints.map(({ message }) => message).join(' ')} Options follow the name as JSON: --engine '${use}={"key": 1}'.`,
  );
}
