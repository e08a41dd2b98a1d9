import type { CellReport, Report } from '@gauntlet/api';
import { escapeUnseen } from './text.js';

/**
 * report.json, a line at a time and each outcome on one of its own: the text of a long run is longer than the longest
 * string that there is (512 MB).
 */
export function* reportText(report: Report): Generator<string> {
  for (const piece of pieces(report)) yield escapeUnseen(piece);
}

function* pieces(report: Report): Generator<string> {
  yield '{';
  yield* properties(report, 1, (name) => (name === 'cells' ? list(report.cells, 2, cellText) : undefined));
  yield '\n}\n';
}

function* cellText(cell: CellReport): Generator<string> {
  yield '{';
  yield* properties(cell, 3, (name) => (name === 'outcomes' ? list(cell.outcomes, 4, oneLine) : undefined));
  yield '\n  }';
}

function* oneLine(value: unknown): Generator<string> {
  yield JSON.stringify(value);
}

/** Properties that JSON has, in their order; `long` gives the text of those that are lists of many. */
function* properties(
  of: object,
  depth: number,
  long: (name: string) => Generator<string> | undefined,
): Generator<string> {
  const indent = `\n${' '.repeat(depth)}`;
  const there = Object.entries(of).filter(([, value]) => value !== undefined);
  for (const [i, [name, value]] of there.entries()) {
    yield `${i > 0 ? ',' : ''}${indent}${JSON.stringify(name)}: `;
    yield* long(name) ?? [JSON.stringify(value, null, 1).replaceAll('\n', indent)];
  }
}

function* list<T>(
  items: readonly T[],
  depth: number,
  textOf: (item: T) => Generator<string>,
): Generator<string> {
  const indent = `\n${' '.repeat(depth)}`;
  yield '[';
  for (const [i, item] of items.entries()) {
    yield `${i > 0 ? ',' : ''}${indent}`;
    yield* textOf(item);
  }
  yield items.length > 0 ? `\n${' '.repeat(depth - 1)}]` : ']';
}
