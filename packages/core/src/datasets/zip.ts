import { crc32 } from 'node:zlib';
import { GauntletError } from '@gauntlet/api';
import { damaged, unpack } from './unpack.js';

interface Entry {
  name: string;
  method: number;
  crc: number;
  packed: number;
  size: number;
  /** Where the entry's own header begins. */
  at: number;
}

/**
 * A zip archive by its central directory (PKWARE's APPNOTE 6.3, with zip64). An entry is unpacked when it is asked
 * for, and its size and CRC-32 must be those of the directory.
 */
export class ZipArchive {
  readonly #file: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #entries = new Map<string, Entry>();

  /** @throws GauntletError `dataset-format` */
  constructor(file: string, bytes: Uint8Array) {
    this.#file = file;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    try {
      for (const entry of this.#directory()) {
        if (this.#entries.has(entry.name)) throw new Error(`two entries are called "${entry.name}"`);
        this.#entries.set(entry.name, entry);
      }
    } catch (error) {
      const why = error instanceof RangeError ? 'it ends too early' : (error as Error).message;
      throw new GauntletError(
        'dataset-format',
        `${file} is no .npz archive, or a damaged one (${why}). Write it again with numpy.savez.`,
        { cause: error },
      );
    }
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** Bytes that an entry that is there unpacks to. */
  sizeOf(name: string): number {
    return this.#entries.get(name)!.size;
  }

  /** The bytes of an entry that is there. */
  read(name: string): Uint8Array {
    const { method, crc, packed, size, at } = this.#entries.get(name)!;
    const what = `its entry "${name}"`;
    try {
      if (!this.#is(at, 0x04034b50)) throw new Error('its header is not where the directory says');
      const [nameLength, extraLength] = [this.#short(at + 26), this.#short(at + 28)];
      if (this.#text(at + 30, nameLength) !== name) throw new Error('the directory calls it by another name');
      const start = at + 30 + nameLength + extraLength;
      if (start + packed > this.#bytes.length) throw new Error('the archive ends too early');
      const stored = this.#bytes.subarray(start, start + packed);
      if (method !== 0 && method !== 8) throw new Error(`compression method ${method} is not supported`);
      if (method === 0 && packed !== size)
        throw new Error(`${size} bytes are promised and ${packed} are there`);
      const bytes = method === 0 ? stored : unpack('deflate', stored, size);
      if (crc32(bytes) !== crc) throw new Error('its checksum is wrong');
      return bytes;
    } catch (error) {
      throw damaged(
        this.#file,
        what,
        error instanceof RangeError ? new Error('the archive ends too early') : error,
      );
    }
  }

  *#directory(): Generator<Entry> {
    const { count, size, start } = this.#end();
    let at = start;
    for (let i = 0; i < count; i++) {
      if (!this.#is(at, 0x02014b50)) throw new Error(`entry ${i} of its directory is missing`);
      const [nameLength, extraLength] = [this.#short(at + 28), this.#short(at + 30)];
      const name = this.#text(at + 46, nameLength);
      if (this.#short(at + 8) & 1) throw new Error(`"${name}" is encrypted`);
      const [packed, full, header] = [this.#word(at + 20), this.#word(at + 24), this.#word(at + 42)];
      const wide = this.#wide(at + 46 + nameLength, extraLength);
      yield {
        name,
        method: this.#short(at + 10),
        crc: this.#word(at + 16),
        // The order of the wide fields is the standard's.
        size: full === 0xffffffff ? wide() : full,
        packed: packed === 0xffffffff ? wide() : packed,
        at: header === 0xffffffff ? wide() : header,
      };
      at += 46 + nameLength + extraLength + this.#short(at + 32);
    }
    if (at !== start + size) throw new Error('its directory has another size than it says');
  }

  /** The record that closes an archive; a comment of up to 65,535 bytes may follow it. */
  #end(): { count: number; size: number; start: number } {
    const { length } = this.#bytes;
    const lowest = Math.max(0, length - 22 - 0xffff);
    for (let at = length - 22; at >= lowest; at--) {
      if (!this.#is(at, 0x06054b50) || at + 22 + this.#short(at + 20) !== length) continue;
      const narrow = { count: this.#short(at + 10), size: this.#word(at + 12), start: this.#word(at + 16) };
      if (narrow.count !== 0xffff && narrow.start !== 0xffffffff && narrow.size !== 0xffffffff) return narrow;
      if (!this.#is(at - 20, 0x07064b50)) return narrow;
      const wide = this.#long(at - 12);
      if (!this.#is(wide, 0x06064b50)) throw new Error('its zip64 record is missing');
      return { count: this.#long(wide + 32), size: this.#long(wide + 40), start: this.#long(wide + 48) };
    }
    throw new Error('it does not end like a zip archive');
  }

  /** Reads the 64-bit fields of an entry's zip64 extra one by one. */
  #wide(at: number, length: number): () => number {
    let next = -1;
    let last = -1;
    for (let field = at; field + 4 <= at + length; field += 4 + this.#short(field + 2)) {
      if (this.#short(field) !== 1) continue;
      next = field + 4;
      last = next + this.#short(field + 2);
    }
    return () => {
      if (next < 0 || next + 8 > last) throw new Error('a zip64 size is missing');
      next += 8;
      return this.#long(next - 8);
    };
  }

  #is(at: number, signature: number): boolean {
    return at >= 0 && at + 4 <= this.#bytes.length && this.#word(at) === signature;
  }
  #short(at: number): number {
    return this.#view.getUint16(at, true);
  }
  #word(at: number): number {
    return this.#view.getUint32(at, true);
  }
  #long(at: number): number {
    return Number(this.#view.getBigUint64(at, true));
  }
  #text(at: number, length: number): string {
    if (at + length > this.#bytes.length) throw new RangeError('past the end');
    return new TextDecoder().decode(this.#bytes.subarray(at, at + length));
  }
}
