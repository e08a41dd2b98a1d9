import { describe, expect, it } from 'vitest';
import { makeChunks } from './chunks.js';

const limits = { memory: 1000, bytesPerSample: 1, batchSize: 64, workers: 2 };
const indices = Array.from({ length: 100 }, (_, i) => i * 3);

describe('makeChunks', () => {
  it('keeps every sample once and in order', () => {
    expect(makeChunks(indices, limits).flat()).toEqual(indices);
    expect(makeChunks([], limits)).toEqual([]);
  });

  it('is bound by workers, batch size and memory, whichever is least', () => {
    const sizes = (given: Partial<typeof limits>) =>
      makeChunks(indices, { ...limits, ...given }).map((chunk) => chunk.length);
    expect(sizes({})).toEqual([50, 50]);
    expect(sizes({ workers: 1 })).toEqual([64, 36]);
    expect(sizes({ bytesPerSample: 100 })).toEqual(Array(10).fill(10));
    expect(sizes({ bytesPerSample: 10_000 })).toEqual(Array(100).fill(1));
  });
});
