import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

/**
 * Writes a file that is whole or not there: under another name first, on disk, and then renamed. A link in its place is
 * replaced and not followed.
 * @param flush Waits until the disk has it: without, a system that loses its power may keep the name of a file whose bytes are gone
 * @throws What the file system says; the file that was there before still is.
 */
export function writeWhole(file: string, parts: Iterable<string | Uint8Array>, flush = true): void {
  const part = `${file}.part`;
  try {
    rmSync(part, { force: true });
    // Fails where somebody has put a link there since.
    const descriptor = openSync(part, 'wx');
    try {
      for (const data of together(parts)) writeAll(descriptor, data);
      if (flush) fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true, recursive: true });
    throw error;
  }
}

/** Short strings as long ones: a write takes longer than what is written. */
function* together(parts: Iterable<string | Uint8Array>): Generator<string | Uint8Array> {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    if (typeof part === 'string' && text.length < 1 << 20) continue;
    yield text;
    text = '';
    if (typeof part !== 'string') yield part;
  }
  yield text;
}

/** A system that is short of room may take less than all at a time. */
export function writeAll(descriptor: number, data: string | Uint8Array): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
}
