import { existsSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '@gauntlet/api';
import { CellCache } from './cache.js';
import { cellFolder } from './images.js';

const id = 'digits/pgd';
const key = 'a'.repeat(64);
const nothing = { images: 0, traces: 0 };
const outcomes: Outcome[] = [
  { index: 3, status: 'held' },
  { index: 1, status: 'broken' },
];
let output: string;
let cache: CellCache;
beforeEach(() => {
  output = mkdtempSync(path.join(tmpdir(), 'gauntlet-cache-'));
  cache = new CellCache(output);
});

describe('CellCache', () => {
  it('gives a finished cell back under its key alone', () => {
    cache.write(id, key, { outcomes, estimator: 'MINE' }, nothing);
    expect(cache.read(id, key, [3, 1], nothing)).toEqual({ outcomes, estimator: 'MINE' });
    expect(cache.read(id, 'b'.repeat(64), [3, 1], nothing)).toBeUndefined();
    expect(cache.read('digits/fgsm', key, [3, 1], nothing)).toBeUndefined();
  });

  it('gives nothing for other samples, or in another order', () => {
    cache.write(id, key, { outcomes }, nothing);
    for (const indices of [[3], [1, 3], [3, 1, 2]])
      expect(cache.read(id, key, indices, nothing)).toBeUndefined();
  });

  it('gives nothing that lacks images or traces that are asked for', () => {
    cache.write(id, key, { outcomes }, { images: 10, traces: 2 });
    const read = (images: number, traces: number) => cache.read(id, key, [3, 1], { images, traces });
    expect(read(10, 2)).toBeDefined();
    expect(read(11, 2)).toBeUndefined();
    expect(read(10, 3)).toBeUndefined();
    cache.write(id, key, { outcomes }, { images: Infinity, traces: 0 });
    expect(read(Infinity, 0)).toBeDefined();
  });

  it('keeps no cell with a sample that was unassessed for want of time; a defect comes again', () => {
    const late: Outcome = { index: 3, status: 'unassessed', reason: 'interrupted' };
    cache.write(id, key, { outcomes: [late] }, nothing);
    expect(cache.read(id, key, [3], nothing)).toBeUndefined();
    const defect: Outcome = { ...late, defect: { kind: 'outside-box', amount: 1 } };
    cache.write(id, key, { outcomes: [defect] }, nothing);
    expect(cache.read(id, key, [3], nothing)!.outcomes).toEqual([defect]);
  });

  it('takes a record in which any bit was flipped for none, and says so', () => {
    cache.write(id, key, { outcomes }, nothing);
    const file = path.join(cellFolder(output, { id, key }), 'outcomes.jsonl');
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length; at += 3) {
      const damaged = Buffer.from(whole);
      damaged[at] ^= 1 << (at % 8);
      writeFileSync(file, damaged);
      const fresh = new CellCache(output);
      expect(fresh.read(id, key, [3, 1], nothing)).toBeUndefined();
      expect(fresh.notes).toHaveLength(1);
    }
    for (const text of ['', 'null\n', '{}\n', String(whole).split('\n').slice(0, -2).join('\n')]) {
      writeFileSync(file, text);
      expect(cache.read(id, key, [3, 1], nothing)).toBeUndefined();
    }
    expect(cache.notes[0]).toMatch(/^digits\/pgd is done again: .*outcomes\.jsonl cannot be read/);
  });

  it('takes what another key has sealed for none', () => {
    const other = `${key.slice(0, 12)}${'b'.repeat(52)}`;
    cache.write(id, other, { outcomes }, nothing);
    expect(cache.read(id, key, [3, 1], nothing)).toBeUndefined();
    expect(cache.read(id, other, [3, 1], nothing)).toBeDefined();
  });

  it('forgets a cell, and cells that a hundred runs have not used, whatever the clock says', () => {
    cache.write(id, key, { outcomes }, nothing);
    cache.forget(id, key);
    expect(existsSync(cellFolder(output, { id, key }))).toBe(false);
    for (const name of ['old', 'new']) cache.write(name, key, { outcomes }, nothing);
    const long = new Date(0);
    utimesSync(cellFolder(output, { id: 'new', key }), long, long);
    const folders = () => readdirSync(path.join(output, 'cells')).filter((name) => name !== 'used.json');
    cache.clean();
    for (let run = 0; run < 100; run++) {
      expect(folders()).toHaveLength(2);
      const next = new CellCache(output);
      next.read('new', key, [3, 1], nothing);
      next.clean();
    }
    expect(folders()).toEqual([path.basename(cellFolder(output, { id: 'new', key }))]);
  });
});
