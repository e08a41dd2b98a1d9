import { appendFileSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '@gauntlet/api';
import { Journal, readJournal } from './journal.js';

const held = (index: number): Outcome => ({ index, status: 'held' });
let file: string;
beforeEach(() => {
  file = path.join(mkdtempSync(path.join(tmpdir(), 'gauntlet-journal-')), 'journal.jsonl');
});

function write(resume: boolean, ...chunks: [string, number[]][]): void {
  const journal = Journal.open(file, resume);
  for (const [attack, indices] of chunks)
    journal.append({ key: 'key', victim: 'v', attack }, { outcomes: indices.map(held) });
  journal.close();
}
const finished = () =>
  readJournal(file).map(({ attack, outcomes }) => [attack, outcomes.map(({ index }) => index)]);

describe('Journal', () => {
  it('gives back what an earlier run has finished', () => {
    write(false, ['a', [1, 2]], ['b', [1]], ['a', [3]]);
    expect(finished()).toEqual([
      ['a', [1, 2]],
      ['b', [1]],
      ['a', [3]],
    ]);
    expect(readJournal(file)[0]).toMatchObject({ key: 'key', victim: 'v', attack: 'a' });
  });

  it('has nothing where no run has been', () => {
    expect(finished()).toEqual([]);
    write(true, ['a', [1]]);
    expect(finished()).toEqual([['a', [1]]]);
  });

  it('forgets a line that a kill has cut off, and goes on after it', () => {
    write(false, ['a', [1]]);
    appendFileSync(file, '{"kind":"chunk","key":"key","outco');
    write(true, ['a', [2]]);
    expect(finished()).toEqual([
      ['a', [1]],
      ['a', [2]],
    ]);
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    expect(lines.every((line) => JSON.parse(line) !== null)).toBe(true);
  });

  it('refuses a journal whose lines have no keys', () => {
    const old = [
      { kind: 'header', key: 'k' },
      { kind: 'chunk', cell: 'v/a', outcomes: [held(1)] },
    ];
    writeFileSync(file, old.map((line) => `${JSON.stringify(line)}\n`).join(''));
    expect(() => readJournal(file)).toThrow(/another version of Gauntlet.* Run without --resume/);
  });

  it('moves an old journal aside when it is not to be continued', () => {
    write(false, ['a', [1]]);
    write(false);
    expect(finished()).toEqual([]);
    expect(readFileSync(`${file}.previous`, 'utf8')).toContain('"attack":"a"');
  });

  it('says so when the disk is full', () => {
    symlinkSync('/dev/full', file);
    expect(() => Journal.open(file, false)).toThrow(/cannot be written .*ENOSPC.*--resume/);
  });
});
