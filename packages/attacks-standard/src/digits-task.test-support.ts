import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ChunkTask } from '@gauntlet/core';

const zoo = path.join(import.meta.dirname, '../../zoo');
const plugin = (file: string, name: string) => ({ url: pathToFileURL(file).href, name });

/** An attack of this package on synthetic digits, in one chunk. */
export const digitsTask = (
  attack: string,
  params: { norm: 'linf'; epsilon: number } & Record<string, unknown>,
  count: number,
  indices = [...Array(count).keys()],
): ChunkTask => ({
  kind: 'chunk',
  seed: 1,
  indices,
  dataset: {
    format: 'plugin',
    plugin: plugin(path.join(zoo, 'src/index.ts'), 'digits'),
    params: { count, seed: 1 },
    take: count,
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
    name: attack,
    use: attack,
    plugin: plugin(path.join(import.meta.dirname, 'index.ts'), attack),
    version: 1,
    usesGradients: true,
    params,
    threat: { norm: params.norm, epsilon: params.epsilon },
    expectations: [],
  },
});
