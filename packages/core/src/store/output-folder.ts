import { accessSync, constants, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { GauntletError, reasonOf } from '@gauntlet/api';

/** @throws GauntletError `output-unwritable` */
export function makeOutputFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new GauntletError(
      'output-unwritable',
      `The run folder cannot be written: ${reasonOf(error)}. Choose another with --output.`,
    );
  }
}

/** Removes what a run that was killed in the middle of a write has left: files under another name, never finished. */
export function removeParts(folder: string): void {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('.part')) rmSync(path.join(folder, file), { force: true, recursive: true });
}
