// A page of a parquet file may carry the CRC-32 of its bytes as they lie in the file (parquet.thrift, PageHeader.crc), which
// the reader does not look at. Page headers are structs of Thrift's compact protocol.
import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';

const [size, checksum] = [3, 4];

/**
 * Compares all pages of the columns that are read with their checksums, where there are any.
 * @throws Error that names the column
 */
export async function checkPages(file, { row_groups: groups }, columns) {
  for (const { columns: chunks } of groups)
    for (const { meta_data: about } of chunks) {
      const [name] = about.path_in_schema;
      if (!columns.includes(name)) continue;
      const start = Number(about.dictionary_page_offset ?? about.data_page_offset);
      const bytes = Buffer.from(await file.slice(start, start + Number(about.total_compressed_size)));
      for (let at = 0; at < bytes.length;) {
        const reader = new Compact(bytes, at);
        const header = reader.struct();
        const end = reader.at + header.get(size);
        if (!(end > at && end <= bytes.length)) throw new Error(`a page of the column "${name}" has no end`);
        const stated = header.get(checksum);
        if (stated !== undefined && crc32(bytes.subarray(reader.at, end)) !== stated >>> 0)
          throw new Error(`the checksum of a page of the column "${name}" is wrong`);
        at = end;
      }
    }
}

/** Reads integers, and passes over everything else. */
class Compact {
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
  }

  /** The integers of a struct, by the ids of their fields. */
  struct(depth = 0) {
    if (depth > 8) throw new Error('a page has too deep a header');
    const found = new Map();
    for (let id = 0; ;) {
      const head = this.byte();
      if (head === 0) return found;
      const type = head & 15;
      id = head >> 4 ? id + (head >> 4) : this.integer();
      const value = this.value(type, depth);
      if (typeof value === 'number') found.set(id, value);
    }
  }

  value(type, depth) {
    // true, false: the type says it.
    if (type === 1 || type === 2) return undefined;
    if (type === 3) return void this.byte();
    if (type >= 4 && type <= 6) return this.integer();
    if (type === 7) return this.skip(8);
    if (type === 8) return this.skip(this.varint());
    if (type === 9 || type === 10) return this.list(depth);
    if (type === 12) return void this.struct(depth + 1);
    throw new Error('a page has no header that could be read');
  }

  list(depth) {
    const head = this.byte();
    const type = head & 15;
    const length = head >> 4 === 15 ? this.varint() : head >> 4;
    if (length > this.bytes.length) throw new Error('a page has no header that could be read');
    // In a list, a truth value is a byte.
    for (let i = 0; i < length; i++) this.value(type <= 2 ? 3 : type, depth + 1);
  }

  byte() {
    if (this.at >= this.bytes.length) throw new Error('a page ends within its header');
    return this.bytes[this.at++];
  }

  skip(bytes) {
    this.at += bytes;
  }

  varint() {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
      if (scale > 2 ** 63) throw new Error('a page has no header that could be read');
    }
  }

  /** Zigzag: 0, −1, 1, −2, … */
  integer() {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
