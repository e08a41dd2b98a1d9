import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

const sumOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);
const sealed = /^(\{.*),"sum":"([0-9a-f]{16})"\}$/s;

/** An object as a line of JSON that ends in a checksum of itself, so that a flipped bit does not go unnoticed. */
export function seal(value: object): string {
  const text = JSON.stringify(value);
  return `${text.slice(0, -1)},"sum":"${sumOf(text)}"}\n`;
}

/** What was sealed, or nothing if the line is not as it was written. */
export function unseal(line: string): unknown {
  const [, text, sum] = sealed.exec(line) ?? [];
  if (text === undefined || sumOf(`${text}}`) !== sum) return undefined;
  return JSON.parse(`${text}}`) as unknown;
}

const blockSize = 1 << 20;

/** Complete lines of a file of any size, with where each of them ends in it, in bytes. */
export function* readLines(file: string): Generator<{ line: string; end: number }> {
  const descriptor = openSync(file, 'r');
  try {
    const block = Buffer.alloc(blockSize);
    let [rest, end]: [Buffer[], number] = [[], 0];
    for (let n = readSync(descriptor, block); n > 0; n = readSync(descriptor, block)) {
      let from = 0;
      for (let at = block.indexOf(10, from); at >= 0 && at < n; at = block.indexOf(10, from)) {
        const bytes = Buffer.concat([...rest, block.subarray(from, at)]);
        rest = [];
        end += bytes.length + 1;
        yield { line: bytes.toString('utf8'), end };
        from = at + 1;
      }
      rest.push(Buffer.from(block.subarray(from, n)));
    }
  } finally {
    closeSync(descriptor);
  }
}
