import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '@gauntlet/api';
import { cellName, readImages, saveChunkImages } from './images.js';

const shape = [1, 2, 1] as const;
/** Of image i: clean [i, i], perturbed [i + 0.5, i + 0.5]. */
const imagesOf = (indices: number[]) => ({
  indices,
  clean: Float32Array.from(indices.flatMap((i) => [i, i])),
  perturbed: Float32Array.from(indices.flatMap((i) => [i + 0.5, i + 0.5])),
});
const outcomesOf = (indices: number[], broken: number[]): Outcome[] =>
  indices.map((index) => ({ index, status: broken.includes(index) ? 'broken' : 'held' }));
const temporary = () => mkdtempSync(path.join(tmpdir(), 'gauntlet-images-'));

describe('images of a cell', () => {
  it('are read back in the order that is asked for, from all chunks; what is not there is left out', async () => {
    const folder = temporary();
    for (const indices of [
      [4, 7],
      [9, 2],
    ])
      saveChunkImages({ folder }, imagesOf(indices), outcomesOf(indices, []), shape);
    const found = await readImages(folder, [2, 5, 7]);
    expect(found.indices).toEqual([2, 7]);
    expect(found.shape).toEqual([1, 2, 1]);
    expect([...found.clean]).toEqual([2, 2, 7, 7]);
    expect([...found.perturbed]).toEqual([2.5, 2.5, 7.5, 7.5]);
    expect(found.reconstruction).toBeUndefined();
    expect(readdirSync(folder).filter((file) => file.endsWith('.part'))).toEqual([]);
  });

  it('of broken samples come first where only some are kept', async () => {
    const folder = temporary();
    saveChunkImages({ folder, most: 2 }, imagesOf([0, 1, 2, 3]), outcomesOf([0, 1, 2, 3], [2]), shape);
    expect((await readImages(folder, [0, 1, 2, 3])).indices).toEqual([0, 2]);
  });

  it('are none in a folder that is not there', async () => {
    const { indices, clean } = await readImages(path.join(temporary(), 'none'), [1]);
    expect([indices, clean.length]).toEqual([[], 0]);
  });
});

it('a cell’s file name says which cell it is, and two cells never share one', () => {
  expect(cellName('digits/pgd')).toBe('digits-pgd');
  const [slash, colon] = [cellName('digits/p g'), cellName('digits/p:g')];
  expect(slash).toMatch(/^digits-p-g-[0-9a-f]{8}$/);
  expect(colon).not.toBe(slash);
  expect(cellName(`v/${'x'.repeat(300)}`).length).toBeLessThan(100);
});
