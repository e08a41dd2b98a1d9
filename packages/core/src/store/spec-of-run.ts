import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { GauntletError, reasonOf } from '@gauntlet/api';
import { writeWhole } from './write-whole.js';

/** Says in a run folder where its spec lies. Reports do not: they are shown to others. */
const fileOf = (folder: string) => path.join(folder, 'run.json');

/** A path for a report: relative to a folder, with / on every system. */
export const relativeTo = (folder: string, file: string): string =>
  path.relative(folder, file).split(path.sep).join('/');

export function noteSpec(folder: string, spec: string): void {
  const text = `${JSON.stringify({ spec: relativeTo(folder, spec) }, null, 1)}\n`;
  try {
    writeWhole(fileOf(folder), [text]);
  } catch (error) {
    throw new GauntletError('output-unwritable', `The run folder cannot be written: ${reasonOf(error)}.`);
  }
}

/** The spec of a run, absolute, as its folder says; nothing if it does not. Whoever made the folder says so. */
export function specOfRun(folder: string): string | undefined {
  const file = fileOf(folder);
  if (!existsSync(file)) return undefined;
  try {
    const { spec } = JSON.parse(readFileSync(file, 'utf8')) as { spec?: unknown };
    return typeof spec === 'string' ? path.resolve(folder, spec) : undefined;
  } catch {
    return undefined;
  }
}
