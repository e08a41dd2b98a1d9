import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { GauntletError, reasonOf } from '@gauntlet/api';
import { unpack, unpackBeginning } from './unpack.js';

/** What a format says of how much a compressed file may unpack to. */
export interface Unpacked {
  /** The size that the header in these first bytes promises, if it is among them; throws for a wrong one. */
  sizeOf?: (head: Uint8Array) => number | undefined;
  /** Bytes at most, for a format whose files promise nothing. */
  most?: number;
}

/** A whole file, gunzipped if it is gzip (by its first bytes, not by its name). */
export async function readBytes(file: string, { sizeOf, most }: Unpacked = {}): Promise<Uint8Array> {
  const bytes = await wholeFile(file);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    const promised = sizeOf?.(unpackBeginning('gzip', bytes));
    return unpack('gzip', bytes, promised, most);
  } catch (error) {
    if (error instanceof GauntletError) throw error;
    throw new GauntletError(
      'dataset-format',
      `${file} is damaged gzip (${reasonOf(error)}). Download it again.`,
      { cause: error },
    );
  }
}

async function wholeFile(file: string): Promise<Uint8Array> {
  assertFile(file);
  try {
    return await readFile(file);
  } catch (error) {
    throw unreadable(file, reasonOf(error));
  }
}

/** Refuses what never ends (pipes, devices) and what has no bytes (folders), before anything is read from it. */
export function assertFile(file: string): void {
  let stats;
  try {
    stats = statSync(file);
  } catch (error) {
    throw unreadable(file, reasonOf(error));
  }
  if (stats.isDirectory()) throw unreadable(file, 'it is a folder; name a file');
  if (!stats.isFile()) throw unreadable(file, 'it is a pipe, a socket or a device; name a file');
}

const unreadable = (file: string, why: string) =>
  new GauntletError('dataset-missing', `The dataset file ${file} cannot be read (${why}).`);

/** The one way readers complain: file, what was expected, what is there, and what to do. */
export function wrongFile(file: string, expected: string, found: string, way?: string): GauntletError {
  return new GauntletError(
    'dataset-format',
    `${file}: expected ${expected}, found ${found}.${way === undefined ? '' : ` ${way}`}`,
  );
}
