import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
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

/**
 * Removes what a run or a worker that was killed in the middle of a write has left: files under another name, never finished. In
 * folders of the run's own only: a run folder may be one in which people keep other things.
 */
export function removeParts(folder: string): void {
  for (const own of ['cells', 'pictures']
    .map((name) => path.join(folder, name))
    .filter((one) => existsSync(one)))
    for (const file of readdirSync(own, { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.part')) rmSync(path.join(own, file), { force: true });
}
