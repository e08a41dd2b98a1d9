import { constants as buffer } from 'node:buffer';
import { constants, gunzipSync, inflateRawSync, inflateSync, type ZlibOptions } from 'node:zlib';
import { GauntletError } from '@gauntlet/api';

/**
 * Most bytes that one compressed file, or one entry of an archive, may unpack to: 8 GiB, or the largest buffer of
 * this Node.js where that is smaller (4 GiB in version 20). Where a header promises a size, that size is the limit.
 */
export const unpackLimit = Math.min(8 * 2 ** 30, buffer.MAX_LENGTH);

/** Deflate writes at most 258 bytes for two bits. */
const largestRatio = 1032;
/** So much of a file shows its header. It unpacks to 4 MiB at most. */
const beginning = 4096;

/** gzip carries a CRC-32 and a length, zlib an Adler-32: zlib checks them. Bare deflate carries nothing. */
const methods = { gzip: gunzipSync, zlib: inflateSync, deflate: inflateRawSync };

/**
 * Unpacks all of `bytes`, or throws an Error that says why it cannot. Nothing may follow the compressed data, since
 * what follows could be a second part that damage has made unreadable.
 * @param promised the size in bytes that something outside the compressed data promises
 * @param most bytes where nothing is promised
 */
export function unpack(
  method: keyof typeof methods,
  bytes: Uint8Array,
  promised?: number,
  most = unpackLimit,
): Uint8Array {
  const limit = promised ?? most;
  if (limit > unpackLimit)
    throw new Error(`${limit} bytes are promised, and ${unpackLimit} are the most that can be unpacked`);
  if (promised !== undefined && promised > largestRatio * bytes.length + beginning)
    throw new Error(`${promised} bytes are promised, and ${bytes.length} compressed bytes cannot hold them`);
  const guess = Math.min(promised ?? 4 * bytes.length, 2 ** 26);
  const options = { maxOutputLength: Math.max(1, limit), chunkSize: Math.max(1024, guess + 1) };
  const { buffer: unpacked, used } = run(method, bytes, options, limit);
  if (used !== bytes.length)
    throw new Error(`${bytes.length - used} bytes follow the end of the compressed data`);
  if (promised !== undefined && unpacked.length !== promised)
    throw new Error(`${promised} bytes are promised and ${unpacked.length} are there`);
  return unpacked;
}

/** The first bytes of the unpacked data, or none if they cannot be told from so little. */
export function unpackBeginning(method: keyof typeof methods, bytes: Uint8Array): Uint8Array {
  const options = { finishFlush: constants.Z_SYNC_FLUSH };
  return run(method, bytes.subarray(0, beginning), options, unpackLimit).buffer;
}

function run(method: keyof typeof methods, bytes: Uint8Array, options: ZlibOptions, limit: number) {
  try {
    // With `info`, zlib tells how many bytes it has read; the type declarations do not know that.
    const result = methods[method](bytes, { ...options, info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return { buffer: result.buffer, used: result.engine.bytesWritten };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(code === 'ERR_BUFFER_TOO_LARGE' ? `it unpacks to more than ${limit} bytes` : message, {
      cause: error,
    });
  }
}

/** Unpacking that fails, as a reader reports it. */
export function damaged(file: string, what: string, error: unknown): GauntletError {
  if (error instanceof GauntletError) return error;
  const { message } = error as Error;
  return new GauntletError(
    'dataset-format',
    `${file} is damaged: ${what} cannot be unpacked (${message}). Download it, or write it, again.`,
    { cause: error },
  );
}
