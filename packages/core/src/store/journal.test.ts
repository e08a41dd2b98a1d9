import { appendFileSync, existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
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
  readJournal(file).lines.map(({ attack, outcomes }) => [attack, outcomes.map(({ index }) => index)]);

describe('Journal', () => {
  it('gives back what an earlier run has finished', () => {
    write(false, ['a', [1, 2]], ['b', [1]], ['a', [3]]);
    expect(finished()).toEqual([
      ['a', [1, 2]],
      ['b', [1]],
      ['a', [3]],
    ]);
    expect(readJournal(file).lines[0]).toMatchObject({ key: 'key', victim: 'v', attack: 'a' });
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
    expect(() => Journal.open('/dev/full', false)).toThrow(/cannot be written .*ENOSPC.*--resume/);
  });

  it('follows no link', () => {
    const elsewhere = path.join(path.dirname(file), 'elsewhere');
    symlinkSync(elsewhere, file);
    expect(() => Journal.open(file, false)).toThrow(/run folder cannot be written/);
    expect(existsSync(elsewhere)).toBe(false);
  });

  it('takes no line in which any bit was flipped', () => {
    write(false, ['a', [1, 2]], ['b', [3]]);
    const whole = readFileSync(file);
    const [first, second] = readJournal(file).lines;
    const header = whole.indexOf(10) + 1;
    for (let at = header; at < whole.length; at += 7) {
      const damaged = Buffer.from(whole);
      damaged[at] ^= 1 << (at % 8);
      writeFileSync(file, damaged);
      const { lines, damaged: count } = readJournal(file);
      expect(count).toBeGreaterThan(0);
      for (const line of lines) expect([first, second]).toContainEqual(line);
    }
  });

  it('takes no outcome of a status that there is not, sealed or not', () => {
    const journal = Journal.open(file, false);
    const line = { key: 'key', victim: 'v', attack: 'a' };
    journal.append(line, { outcomes: [{ index: 1, status: 'helf' as 'held' }] });
    journal.close();
    expect(readJournal(file)).toEqual({ lines: [], damaged: 1 });
  });
});
