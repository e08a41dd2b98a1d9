import { styleText } from 'node:util';

export type Paint = (style: 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold', text: string) => string;
export const colours: Paint = (style, text) => styleText(style, text);
export const noColours: Paint = (_style, text) => text;

/** Where text goes, and what the environment wants of it. */
interface Screen {
  stdout: { columns?: number; hasColors?(): boolean };
  env: Readonly<Record<string, string | undefined>>;
}

/** `NO_COLOR` and `FORCE_COLOR` decide (no-color.org, force-color.org); otherwise the terminal does. */
export function hasColour({ stdout, env }: Screen): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return stdout.hasColors?.() ?? false;
}

/** Characters of a line: what `COLUMNS` says, or the terminal; any number in a file. */
export function widthOf({ stdout, env }: Screen): number {
  const said = Number(env.COLUMNS);
  return said > 0 ? said : (stdout.columns ?? Infinity);
}
