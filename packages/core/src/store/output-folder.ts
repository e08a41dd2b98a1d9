import { accessSync, constants, mkdirSync } from 'node:fs';
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
