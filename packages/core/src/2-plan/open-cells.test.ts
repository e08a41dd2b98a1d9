import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '@gauntlet/api';
import { CellCache } from '../store/cache.js';
import { cellFolder } from '../store/images.js';
import type { Finished } from '../store/journal.js';
import type { Cell } from './cells.js';
import { openCells } from './open-cells.js';

const cells = ['v/a', 'v/b'].map((id) => ({ id }) as Cell);
const [a, b] = cells;
const keys = new Map(cells.map((cell, i) => [cell, String(i).repeat(64)]));
const held = (index: number): Outcome => ({ index, status: 'held' });
const wanted = { images: 0, traces: 0 };
let output: string;
let cache: CellCache;
beforeEach(() => {
  output = mkdtempSync(path.join(tmpdir(), 'gauntlet-cells-'));
  cache = new CellCache(output);
});

const open = (journal: [Cell, Finished][] = [], force = false) =>
  openCells(keys, [1, 2], new Map(journal), cache, { force, wantedOf: () => wanted, unseen: new Map() });
const done = (progress: ReturnType<typeof open>) =>
  progress.map(({ outcomes, reused }) => [[...outcomes.keys()], reused]);

describe('openCells', () => {
  it('begins with nothing', () => {
    expect(done(open())).toEqual([
      [[], false],
      [[], false],
    ]);
  });

  it('takes up what the journal has of a cell, as far as it goes', () => {
    const begun: Finished = { outcomes: [held(2)], estimator: 'MINE' };
    const [first, second] = open([[a, begun]]);
    expect(first).toMatchObject({ key: keys.get(a), indices: [1, 2], estimator: 'MINE', reused: false });
    expect([...first.outcomes]).toEqual([[2, held(2)]]);
    expect(second.outcomes.size).toBe(0);
  });

  it('takes a cell of an earlier run, unless it is to be done again', () => {
    cache.write('v/b', keys.get(b)!, { outcomes: [held(1), held(2)] }, wanted);
    expect(done(open())).toEqual([
      [[], false],
      [[1, 2], true],
    ]);
    expect(done(open([], true))).toEqual([
      [[], false],
      [[], false],
    ]);
  });

  it('believes the journal before the cache', () => {
    cache.write('v/a', keys.get(a)!, { outcomes: [held(1), held(2)] }, wanted);
    expect(done(open([[a, { outcomes: [held(1)] }]]))[0]).toEqual([[1], false]);
  });

  it('removes images of a cell that begins anew, and keeps those of one that goes on', () => {
    const folders = cells.map((cell) => cellFolder(output, { id: cell.id, key: keys.get(cell)! }));
    for (const folder of folders) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, 'chunk.npz'), '');
    }
    open([[a, { outcomes: [held(1)] }]]);
    expect(readdirSync(path.join(output, 'cells'))).toEqual([path.basename(folders[0])]);
  });
});
