import { GauntletError } from '@gauntlet/api';

/**
 * A plugin as a command line names it, with options after an equals sign: `html={"file":"a.html"}`.
 * @param option The whole as it was typed, for the complaint: `--reporter html={…}`.
 * @throws GauntletError `usage` if what follows the equals sign is no JSON object
 */
export function useWithParams(
  text: string,
  option: string,
): { use: string; params: Record<string, unknown> } {
  const [, use, json] = /^([^=]*)(?:=(.*))?$/s.exec(text)!;
  return { use, params: json === undefined ? {} : parse(json, option) };
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
