import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { constantFrom, type Graph, writeModel } from '@gauntlet/onnx-gradient';
import { describePath } from './manifest.js';

const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-manifest-'));

it('a model goes with the files that hold its weights', async () => {
  const file = path.join(folder, 'model.onnx');
  const value = { name: 'y', type: 'float32', dims: [512] } as const;
  const graph: Graph = {
    ...{ opset: 17, producer: '', domains: new Map(), inputs: [], nodes: [], stated: new Map() },
    outputs: [{ ...value, dims: [512] }],
    constants: new Map([['y', constantFrom('float32', [512], Array(512).fill(1) as number[])]]),
  };
  writeModel(graph, file, { inline: 0 });
  const { root, entry, files } = await describePath(file);
  expect([root, entry]).toEqual([folder, 'model.onnx']);
  expect(files.map(({ path: name, size }) => [name, size > 0])).toEqual([
    ['model.onnx', true],
    ['model.onnx.data', true],
  ]);

  const zoo = path.resolve(import.meta.dirname, '../../../zoo/models/digits-cnn/model.json');
  expect((await describePath(zoo)).files.map(({ path: name }) => name)).toEqual([
    'model.json',
    'weights.bin',
  ]);
});

it('a folder is all that is in it, and weights elsewhere are refused', async () => {
  const { entry, files } = await describePath(folder);
  expect([entry, files.length]).toEqual(['.', 2]);
  const model = path.join(folder, 'model.json');
  writeFileSync(model, JSON.stringify({ weightsManifest: [{ paths: ['../secret'] }] }));
  await expect(describePath(model)).rejects.toThrow(/names weights outside its own folder: "\.\.\/secret"/);
});
