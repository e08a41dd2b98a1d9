import { describe, expect, it } from 'vitest';
import { bytesOfRunner, makeChunks } from './chunks.js';

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

  it('counts what the runner has of a large input, so that a chunk fits into 2 GiB', () => {
    // 64 samples of 512×512×3 in one chunk took 8.5 GB.
    const photo = bytesOfRunner([512, 512, 3], { kind: 'patches' });
    expect(photo).toBeGreaterThan(112e6);
    const memory = 2 * 2 ** 30;
    const chunks = makeChunks(indices, { memory, bytesPerSample: photo, batchSize: 64, workers: 1 });
    expect(chunks[0].length).toBe(17);
    // One of MNIST's digits takes nothing that matters.
    expect(bytesOfRunner([28, 28, 1], { kind: 'convolution', layer: 'c' }) * 100).toBeLessThan(4e6);
  });
});
