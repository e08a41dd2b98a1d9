import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'fflate';
import { GauntletError, reasonOf } from '@gauntlet/api';

/** A whole file, gunzipped if it is gzip (by its first bytes, not by its name). */
export async function readBytes(file: string): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new GauntletError(
      'dataset-missing',
      `The dataset file ${file} cannot be read (${reasonOf(error)}).`,
    );
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new GauntletError(
      'dataset-format',
      `${file} is damaged gzip (${reasonOf(error)}). Download it again.`,
    );
  }
}

/** The one way readers complain: file, what was expected, what is there. */
export function wrongFile(file: string, expected: string, found: string): GauntletError {
  return new GauntletError('dataset-format', `${file}: expected ${expected}, found ${found}.`);
}
