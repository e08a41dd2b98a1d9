import { describe, expect, it } from 'vitest';
import type { ChunkTask } from '@gauntlet/core';
import { mapPaths } from './map-paths.js';

const task = {
  kind: 'chunk',
  victim: { name: 'v', model: '/here/model.onnx' },
  dataset: { format: 'npz', file: '/here/data.npz' },
  attack: { name: 'pgd', plugin: { url: 'file:///here/pgd.mjs' } },
  examples: { file: '/here/digits.baseline.examples/v-pgd.npz', sha256: 'abc', count: 1, shape: [1, 1, 1] },
} as unknown as ChunkTask;

describe('mapPaths', () => {
  it('leaves no path of this machine in a task', async () => {
    const map = {
      file: async (path: string) => path.replace('/here', '/there'),
      plugin: async (url: string) => url.replace('/here', '/there'),
    };
    const mapped = await mapPaths(task, map);
    expect(JSON.stringify(mapped)).not.toContain('/here');
    expect(mapped.examples).toEqual({
      ...task.examples,
      file: '/there/digits.baseline.examples/v-pgd.npz',
    });
  });
});
