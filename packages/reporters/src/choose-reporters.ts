import { GauntletError, type ReporterPlugin } from '@gauntlet/api';
import {
  type BuiltIn,
  checkAgainst,
  checkSchema,
  loadPlugin,
  type PluginPlaces,
  resolvePlugin,
  useWithParams,
} from '@gauntlet/core';

/** A reporter and its options, which are valid. */
export interface ChosenReporter {
  plugin: ReporterPlugin;
  params: Record<string, unknown>;
}

/** Of some short names those that there are. */
export const reporterDefaults = ({ reporter }: BuiltIn, names: readonly string[]): string[] =>
  names.filter((name) => reporter?.has(name));

/**
 * Reporters as a command line names them: `junit`, `terminal,json`, `./mine.mjs`, `package#name`, and with options
 * `html={"file":"a.html"}`.
 * @throws GauntletError `usage` if an option names none or has wrong options, and what is wrong with a plugin.
 */
export async function chooseReporters(
  given: readonly string[],
  places: PluginPlaces,
): Promise<ChosenReporter[]> {
  const chosen: ChosenReporter[] = [];
  for (const text of given.flatMap(split)) {
    const option = `--reporter ${text}`;
    const { use, params } = useWithParams(text, option);
    const plugin = await find(use, places);
    const complaints = checkAgainst(plugin.params, params);
    if (complaints.length > 0)
      throw new GauntletError('usage', `${option}: ${complaints.map(({ message }) => message).join(' ')}`);
    chosen.push({ plugin, params });
  }
  return chosen;
}

/** At commas outside of braces and of strings between them: options are JSON, which has commas and braces of its own. */
function split(text: string): string[] {
  const parts = [''];
  let depth = 0;
  // A string of JSON counts as one character.
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[^]/g)) {
    if (token === '{') depth++;
    if (token === '}') depth--;
    if (token === ',' && depth <= 0) parts.push('');
    else parts[parts.length - 1] += token;
  }
  return parts.filter(Boolean);
}

async function find(use: string, places: PluginPlaces): Promise<ReporterPlugin> {
  try {
    const plugin = await loadPlugin('reporter', resolvePlugin('reporter', use, places));
    checkSchema(plugin);
    return plugin;
  } catch (error) {
    if (!(error instanceof GauntletError)) throw error;
    throw new GauntletError(error.code, `--reporter ${use}: ${error.message}`, { cause: error });
  }
}
