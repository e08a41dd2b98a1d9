import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type ChunkTask, OpenSettings, work } from '@gauntlet/core';

const zoo = path.join(import.meta.dirname, '../../zoo');
const plugin = (file: string, name: string) => ({ url: pathToFileURL(file).href, name });

/** The ensemble on synthetic digits, at an epsilon at which all of them break. */
const task = (indices: number[]): ChunkTask => ({
  kind: 'chunk',
  seed: 1,
  indices,
  dataset: {
    format: 'plugin',
    plugin: plugin(path.join(zoo, 'dist/index.js'), 'digits'),
    params: { count: 8, seed: 1 },
    take: 8,
  },
  victim: {
    name: 'v',
    model: path.join(zoo, 'models/digits-cnn/model.json'),
    kind: 'classifier',
    bounds: [0, 1],
    engine: 'tfjs:wasm',
    output: 'auto',
    preprocess: {},
  },
  attack: {
    name: 'standard',
    use: 'standard',
    plugin: plugin(path.join(import.meta.dirname, '../dist/index.js'), 'standard'),
    version: 1,
    usesGradients: true,
    params: { norm: 'linf', epsilon: 0.2, target: null },
    threat: { norm: 'linf', epsilon: 0.2 },
    expectations: [],
  },
});

describe('standard', () => {
  it('says which stage broke a sample, and asks no more for it', async () => {
    const all = [0, 1, 2, 3, 4, 5, 6, 7];
    const { outcomes } = await work(task(all), new OpenSettings());
    const most = { fgsm: 1, 'pgd-10': 11, apgd: 111 };
    for (const { status, stage, gradients } of outcomes) {
      expect(status).toBe('broken');
      expect(Object.keys(most)).toContain(stage);
      expect(gradients).toBeLessThanOrEqual(most[stage as keyof typeof most]);
    }
    const alone = await work(task([5]), new OpenSettings());
    expect(alone.outcomes[0]!.stage).toBe(outcomes[5]!.stage);
  });
});
