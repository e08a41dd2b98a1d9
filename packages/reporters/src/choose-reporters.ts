import { GauntletError, type ReporterPlugin } from '@gauntlet/api';
import { type BuiltIn, checkAgainst, loadPlugin, type PluginPlaces, resolvePlugin } from '@gauntlet/core';

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
    const [, use, json] = /^([^=]*)(?:=(.*))?$/s.exec(text)!;
    const option = `--reporter ${text}`;
    const plugin = await find(use, places);
    const params = json === undefined ? {} : parse(json, option);
    const complaints = checkAgainst(plugin.params, params);
    if (complaints.length > 0)
      throw new GauntletError('usage', `${option}: ${complaints.map(({ message }) => message).join(' ')}`);
    chosen.push({ plugin, params });
  }
  return chosen;
}

/** At commas, unless the text has options, which may have commas of their own. */
const split = (text: string): string[] => (text.includes('={') ? [text] : text.split(',').filter(Boolean));

async function find(use: string, places: PluginPlaces): Promise<ReporterPlugin> {
  try {
    return await loadPlugin('reporter', resolvePlugin('reporter', use, places));
  } catch (error) {
    if (!(error instanceof GauntletError)) throw error;
    throw new GauntletError(error.code, `--reporter ${use}: ${error.message}`, { cause: error });
  }
}

function parse(json: string, option: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new GauntletError(
    'usage',
    `${option}: what follows the = must be a JSON object, like {"key": 1}; put quotes around the whole.`,
  );
}
