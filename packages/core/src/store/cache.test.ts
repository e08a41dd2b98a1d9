import { existsSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
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

  it('takes a damaged record for none', () => {
    cache.write(id, key, { outcomes }, nothing);
    writeFileSync(path.join(cellFolder(output, { id, key }), 'outcomes.json'), '{"had": ');
    expect(cache.read(id, key, [3, 1], nothing)).toBeUndefined();
  });

  it('forgets a cell, and cells that no run has used for a month', () => {
    cache.write(id, key, { outcomes }, nothing);
    cache.forget(id, key);
    expect(existsSync(cellFolder(output, { id, key }))).toBe(false);
    for (const name of ['old', 'new']) cache.write(name, key, { outcomes }, nothing);
    const long = new Date(Date.now() - 31 * 24 * 3600 * 1000);
    utimesSync(cellFolder(output, { id: 'old', key }), long, long);
    cache.clean();
    expect(readdirSync(path.join(output, 'cells'))).toEqual([
      path.basename(cellFolder(output, { id: 'new', key })),
    ]);
  });
});
