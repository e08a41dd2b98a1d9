import { describe, expect, it } from 'vitest';
import type { Outcome } from '@gauntlet/api';
import type { Cell } from '../2-plan/cells.js';
import type { Progress } from '../2-plan/open-cells.js';
import { stopEarly } from './stop-early.js';

const size = 10;
const indices = Array.from({ length: 100 }, (_, i) => 1000 - i);
const expected = { metric: 'asr', max: 0.3, confidence: 0.95 };

function setUp(early: boolean) {
  const expectations = [early ? { ...expected, early: true } : expected];
  const cell = { attack: { expectations } } as unknown as Cell;
  const item = {
    cell,
    indices,
    outcomes: new Map<number, Outcome>(),
    traces: [],
    openChunks: 10,
  } as unknown as Progress;
  const queue = Array.from({ length: 10 }, (_, c) => ({
    item,
    indices: indices.slice(c * size, (c + 1) * size),
  }));
  /** The chunk comes in: one in ten is broken. */
  const done = (chunk: number) => {
    const at = queue.findIndex((one) => one.indices[0] === indices[chunk * size]);
    // What was taken out of the queue is not done.
    if (at < 0) return;
    queue.splice(at, 1);
    for (const index of indices.slice(chunk * size, (chunk + 1) * size))
      item.outcomes.set(index, { index, status: index % 10 === 3 ? 'broken' : 'held' });
    stopEarly(item, queue);
    item.openChunks--;
  };
  return { item, queue, done };
}

describe('a cell that stops early', () => {
  const orders = [
    [0, 1, 2, 3, 4, 5],
    [1, 0, 3, 2, 5, 4],
    [5, 4, 3, 2, 1, 0],
    [2, 9, 0, 1, 4, 3, 5],
  ];
  const ends = orders.map((order) => {
    const { item, queue, done } = setUp(true);
    order.forEach(done);
    return {
      after: item.decidedAfter,
      outcomes: [...item.outcomes.keys()].sort((a, b) => b - a),
      queue,
      item,
    };
  });

  it('stops after the same sample, whoever was the first', () => {
    for (const { after, outcomes } of ends) {
      expect(after).toBe(ends[0].after);
      expect(outcomes).toEqual(indices.slice(0, after));
    }
    expect(ends[0].after).toBeGreaterThan(20);
    expect(ends[0].after).toBeLessThan(60);
  });

  it('leaves nothing in the queue', () => {
    for (const { queue, item } of ends) {
      expect(queue).toEqual([]);
      expect(item.openChunks).toBe(0);
    }
  });

  it('waits for the samples before', () => {
    const { item, queue, done } = setUp(true);
    for (const chunk of [1, 2, 3, 4, 5, 6]) done(chunk);
    expect(item.decidedAfter).toBeUndefined();
    expect(queue.length).toBe(4);
  });

  it('is none without the option', () => {
    const { item, done } = setUp(false);
    for (let chunk = 0; chunk < 10; chunk++) done(chunk);
    expect([item.decidedAfter, item.outcomes.size, item.openChunks]).toEqual([undefined, 100, 0]);
  });
});
