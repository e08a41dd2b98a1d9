import { type FileHandle, open } from 'node:fs/promises';

/** Bytes of a file that say what it is, as text of one character per byte. */
export interface Ends {
  /** The first 4 KiB. */
  head: string;
  /** Names in a zip archive, those that the last 256 KiB list; empty for any other file. */
  names: string[];
}

const headBytes = 4096;
/** The directory of a zip archive stands at its end, some hundred bytes for each name. */
const tailBytes = 2 ** 18;

export async function readEnds(file: string, size: number): Promise<Ends> {
  const handle = await open(file);
  try {
    const head = await part(handle, 0, Math.min(size, headBytes));
    const from = Math.max(0, size - tailBytes);
    return { head, names: head.startsWith('PK') ? namesIn(await part(handle, from, size - from)) : [] };
  } finally {
    await handle.close();
  }
}

async function part(handle: FileHandle, from: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
  return buffer.toString('latin1', 0, bytesRead);
}

/** By the directory's records: 24 bytes after their signature is the length of a name, 42 after it the name (PKWARE's APPNOTE 4.3.12). */
function namesIn(tail: string): string[] {
  const records = tail.split('PK\x01\x02').slice(1);
  return records.map((record) => {
    const length = record.charCodeAt(24) + 256 * record.charCodeAt(25);
    return record.slice(42, 42 + length);
  });
}
