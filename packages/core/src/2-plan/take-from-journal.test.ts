import { describe, expect, it } from 'vitest';
import type { JournalLine } from '../store/journal.js';
import type { Cell } from './cells.js';
import { takeFromJournal } from './take-from-journal.js';

const cell = (victim: string, attack: string) =>
  ({ id: `${victim}/${attack}`, victim: { name: victim }, attack: { name: attack } }) as Cell;
const line = (victim: string, attack: string, key: string, ...indices: number[]): JournalLine => ({
  kind: 'chunk',
  key,
  victim,
  attack,
  outcomes: indices.map((index) => ({ index, status: 'held' })),
});

/** What each of the cells, given with their keys, gets of some lines. */
function take(lines: JournalLine[], cells: [Cell, string][], others: Cell[] = []) {
  const all = [...cells.map(([one]) => one), ...others];
  const { finished, note } = takeFromJournal('j.jsonl', lines, new Map(cells), all);
  const taken = cells.map(([one]) => finished.get(one)?.outcomes.map(({ index }) => index) ?? []);
  return { taken, note };
}

describe('takeFromJournal', () => {
  const [a, b] = [cell('v', 'a'), cell('v', 'b')];

  it('gives each cell what has its key', () => {
    const lines = [line('v', 'a', 'A', 1, 2), line('v', 'b', 'B', 1), line('v', 'a', 'A', 3)];
    expect(
      take(lines, [
        [a, 'A'],
        [b, 'B'],
      ]),
    ).toEqual({ taken: [[1, 2, 3], [1]], note: undefined });
  });

  it('leaves aside what has another, and names the cells', () => {
    const lines = [line('v', 'a', 'old', 1, 2), line('v', 'b', 'B', 1), line('v', 'gone', 'G', 4)];
    const { taken, note } = take(lines, [
      [a, 'new'],
      [b, 'B'],
    ]);
    expect(taken).toEqual([[], [1]]);
    expect(note).toMatch(
      /^3 outcomes of the journal are left aside; something .* has changed since: v\/a \(2\); the spec has no such cell: v\/gone \(1\)\.$/,
    );
  });

  it('keeps cells of one key apart, whatever their ids look like', () => {
    const [left, right] = [cell('a/b', 'c'), cell('a', 'b/c')];
    const lines = [line('a/b', 'c', 'K', 1), line('a', 'b/c', 'K', 2)];
    expect(
      take(lines, [
        [left, 'K'],
        [right, 'K'],
      ]).taken,
    ).toEqual([[1], [2]]);
  });

  it('says nothing about cells that this run is not for', () => {
    expect(take([line('v', 'b', 'B', 1)], [[a, 'A']], [b])).toEqual({ taken: [[]], note: undefined });
    expect(take([], [[a, 'A']])).toEqual({ taken: [[]], note: undefined });
  });

  it('refuses a journal of which nothing can be taken', () => {
    expect(() => take([line('v', 'a', 'old', 1)], [[a, 'new']])).toThrow(
      /j\.jsonl belongs to another run; .*v\/a \(1\)\. Run without --resume/,
    );
  });
});
