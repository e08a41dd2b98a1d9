import { GauntletError, reasonOf } from '@gauntlet/api';

/** An option that has to be a whole number, if it is given. */
export function checkInteger(name: string, value: unknown, least: number): void {
  if (value !== undefined && !(Number.isInteger(value) && (value as number) >= least))
    throw new GauntletError('usage', `--${name} must be an integer of at least ${least}.`);
}

/** --grep as a regular expression. */
export function compileGrep(grep: string): RegExp {
  try {
    return new RegExp(grep);
  } catch (error) {
    throw new GauntletError('usage', `--grep is no regular expression: ${reasonOf(error)}`);
  }
}
