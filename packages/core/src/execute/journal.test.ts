import { appendFileSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../referee/outcome.js';
import { Journal } from './journal.js';

const held = (index: number): Outcome => ({ index, status: 'held' });
let file: string;
beforeEach(() => {
  file = path.join(mkdtempSync(path.join(tmpdir(), 'gauntlet-journal-')), 'journal.jsonl');
});

function write(resume: boolean, ...chunks: [string, number[]][]): Journal {
  const journal = Journal.open(file, 'key', resume);
  for (const [cell, indices] of chunks) journal.append(cell, { outcomes: indices.map(held) });
  journal.close();
  return journal;
}
const finished = (journal: Journal) =>
  Object.fromEntries(
    [...journal.finished].map(([cell, { outcomes }]) => [cell, outcomes.map(({ index }) => index)]),
  );

describe('Journal', () => {
  it('gives back what an earlier run has finished', () => {
    write(false, ['v/a', [1, 2]], ['v/b', [1]], ['v/a', [3]]);
    expect(finished(Journal.open(file, 'key', true))).toEqual({ 'v/a': [1, 2, 3], 'v/b': [1] });
  });

  it('forgets a line that a kill has cut off, and goes on after it', () => {
    write(false, ['v/a', [1]]);
    appendFileSync(file, '{"kind":"chunk","cell":"v/a","outco');
    write(true, ['v/a', [2]]);
    expect(finished(Journal.open(file, 'key', true))).toEqual({ 'v/a': [1, 2] });
    expect(
      readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .every((line) => JSON.parse(line) !== null),
    ).toBe(true);
  });

  it('refuses the journal of another run', () => {
    write(false, ['v/a', [1]]);
    expect(() => Journal.open(file, 'other', true)).toThrow(/belongs to another run/);
  });

  it('moves an old journal aside when it is not to be continued', () => {
    write(false, ['v/a', [1]]);
    expect(finished(write(false))).toEqual({});
    expect(readFileSync(`${file}.previous`, 'utf8')).toContain('"v/a"');
  });

  it('says so when the disk is full', () => {
    symlinkSync('/dev/full', file);
    expect(() => Journal.open(file, 'key', false)).toThrow(/cannot be written .*ENOSPC.*--resume/);
  });
});
