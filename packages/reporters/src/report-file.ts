// A report whose place the user may choose.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from '@gauntlet/core';

/** The option that chooses it. */
export const fileParam = <const Name extends string>(name: Name) =>
  ({
    type: 'string',
    minLength: 1,
    default: name,
    description: 'The file, absolute or relative to the run folder; folders on the way to it are made',
  }) as const;

/** Writes it, with the folders on the way to it. */
export function writeReportFile(folder: string, file: string, text: string): void {
  const whole = path.resolve(folder, file);
  mkdirSync(path.dirname(whole), { recursive: true });
  writeWhole(whole, [text]);
}
