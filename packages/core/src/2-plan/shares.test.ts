import { describe, expect, it } from 'vitest';
import type { Report } from '@gauntlet/api';
import { costsOf, shareOf } from './shares.js';

const cells = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }));
const deal = (count: number, costs?: ReadonlyMap<string, number>) =>
  Array.from({ length: count }, (_, i) =>
    shareOf(cells, { index: i + 1, count }, costs)
      .map(({ id }) => id)
      .join(''),
  );

describe('shares of the cells', () => {
  it('are every n-th cell where nothing is known of what they cost', () => {
    expect(deal(2)).toEqual(['ace', 'bd']);
  });

  it('cost about the same where it is known, and keep the order of the spec', () => {
    const costs = new Map(Object.entries({ a: 10, b: 1, c: 2, d: 4, e: 3 }));
    expect(deal(2, costs)).toEqual(['a', 'bcde']);
    expect(deal(3, costs)).toEqual(['a', 'bd', 'ce']);
  });

  it('count cells that are new as average ones, and leave no cell out', () => {
    expect(deal(2, new Map([['a', 4]]))).toEqual(['ace', 'bd']);
    expect(deal(3, new Map(cells.map(({ id }) => [id, 0])))).toEqual(['ad', 'be', 'c']);
  });

  it('know from a report what its cells took', () => {
    const outcomes = [
      { index: 0, status: 'held', seconds: 2 },
      { index: 1, status: 'skipped' },
    ];
    const report = { cells: [{ id: 'a', outcomes }] } as unknown as Report;
    expect([...costsOf(report)]).toEqual([['a', 2]]);
  });
});
