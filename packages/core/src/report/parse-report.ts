import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import type { Outcome } from '@gauntlet/api';

/** Bytes of a text that is parsed in one piece: the longest string that there is has 512 MB. */
const onePiece = 256e6;
/** Bytes of a report that are read at all. Its outcomes are in memory, about half as many bytes as in the file. */
const most = 4e9;
const longestLine = 64e6;

/**
 * The value of report.json. A large one is read a line at a time, as it is written: each outcome on a line of its own.
 * @throws Error if it is too large, no JSON, or large and has its outcomes on fewer or more lines
 */
export function parseReport(file: string, largest = onePiece): unknown {
  const { size } = statSync(file);
  if (size > most) throw new Error(`it is larger than ${most / 1e9} GB.`);
  return size > largest ? parseLines(linesOf(file)) : JSON.parse(readFileSync(file, 'utf8'));
}

const listBegins = /^ *"outcomes": \[$/;
const listEnds = /^ *\],?$/;

function parseLines(lines: Iterable<string>): unknown {
  const rest: string[] = [];
  const lists: Outcome[][] = [];
  let list: Outcome[] | undefined;
  for (const line of lines) {
    if (list && !listEnds.test(line)) list.push(parseOutcome(line));
    else {
      rest.push(line);
      list = listBegins.test(line) ? [] : undefined;
      // In the place of its outcomes the list has its number.
      if (list) rest.push(String(lists.push(list) - 1));
    }
  }
  const value = JSON.parse(rest.join('\n')) as { cells?: { outcomes?: unknown[] }[] } | null;
  for (const cell of Array.isArray(value?.cells) ? value.cells : []) {
    const number: unknown = Array.isArray(cell?.outcomes) ? cell.outcomes[0] : undefined;
    if (typeof number === 'number' && number in lists) cell.outcomes = lists[number];
  }
  return value;
}

const otherForm = 'it is too large to be read in one piece, and its outcomes are not one on each line.';

function parseOutcome(line: string): Outcome {
  try {
    return JSON.parse(line.replace(/,$/, '')) as Outcome;
  } catch {
    throw new Error(otherForm);
  }
}

/** The lines of a file, of which a piece at a time is in memory. */
function* linesOf(file: string): Generator<string> {
  const descriptor = openSync(file, 'r');
  const piece = Buffer.alloc(1 << 20);
  let begun: Buffer = Buffer.alloc(0);
  try {
    for (let read; (read = readSync(descriptor, piece)) > 0;) {
      const bytes = Buffer.concat([begun, piece.subarray(0, read)]);
      const end = bytes.lastIndexOf('\n') + 1;
      begun = bytes.subarray(end);
      if (begun.length > longestLine) throw new Error(otherForm);
      if (end > 0) yield* bytes.toString('utf8', 0, end - 1).split('\n');
    }
  } finally {
    closeSync(descriptor);
  }
  yield begun.toString('utf8');
}
