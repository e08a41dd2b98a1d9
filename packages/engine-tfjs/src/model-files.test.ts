import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { GauntletError } from '@gauntlet/api';
import { readModelFiles } from './model-files.js';

const root = mkdtempSync(path.join(tmpdir(), 'gauntlet-model-files-'));
let next = 0;

const valid = {
  modelTopology: {},
  weightsManifest: [{ paths: ['w.bin'], weights: [{ name: 'w', shape: [2], dtype: 'float32' }] }],
};

/** A folder with this model.json, and what `fill` puts beside it. */
function model(json: unknown, fill: (folder: string) => void = () => {}): string {
  const folder = path.join(root, `${next++}`);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(json));
  fill(folder);
  return folder;
}
const complaint = (folder: string) =>
  readModelFiles(folder).then(
    () => 'no complaint',
    (error: Error) => (error instanceof GauntletError ? error.message : `${error.name}: ${error.message}`),
  );
const weights = (folder: string) => path.join(folder, 'w.bin');

it('a model.json and weights inside its folder are read', async () => {
  expect(await complaint(model(valid, (folder) => writeFileSync(weights(folder), new Uint8Array(8))))).toBe(
    'no complaint',
  );
  const inside = (folder: string) => {
    writeFileSync(path.join(folder, 'real.bin'), new Uint8Array(8));
    symlinkSync('real.bin', weights(folder));
  };
  expect(await complaint(model(valid, inside))).toBe('no complaint');
});

it('the only model of a folder may have another name than model.json; of several, one has to be named', async () => {
  const folder = model(valid, (folder) => writeFileSync(weights(folder), new Uint8Array(8)));
  renameSync(path.join(folder, 'model.json'), path.join(folder, 'cnn.json'));
  writeFileSync(path.join(folder, 'labels.json'), '["cat", "dog"]');
  expect((await readModelFiles(folder)).path).toBe(path.join(folder, 'cnn.json'));
  cpSync(path.join(folder, 'cnn.json'), path.join(folder, 'best.json'));
  expect(await complaint(folder)).toMatch(/several models: best\.json, cnn\.json\. Name one/);
  rmSync(path.join(folder, 'best.json'));
  rmSync(path.join(folder, 'cnn.json'));
  expect(await complaint(folder)).toMatch(/model\.json cannot be read/);
});

it('a part of model.json that is not what the format says is named', async () => {
  const group = (change: object) => ({
    ...valid,
    weightsManifest: [{ ...valid.weightsManifest[0], ...change }],
  });
  const weight = (change: object) =>
    group({ weights: [{ ...valid.weightsManifest[0].weights[0], ...change }] });
  const cases: [unknown, RegExp][] = [
    [null, /is no TensorFlow\.js model/],
    [{ ...valid, modelTopology: null }, /is no TensorFlow\.js model/],
    [{ ...valid, weightsManifest: [3] }, /weightsManifest\[0\] is not an object/],
    [group({ paths: 'w.bin' }), /weightsManifest\[0\]\.paths is not a list of file names/],
    [group({ paths: [1] }), /paths is not a list of file names/],
    [group({ weights: {} }), /weightsManifest\[0\]\.weights is not a list/],
    [weight({ shape: undefined }), /weights\[0\]\.shape is not a list of sizes/],
    [weight({ shape: [2, -1] }), /weights\[0\]\.shape is not a list of sizes/],
    [weight({ quantization: 7 }), /weights\[0\]\.quantization is not an object/],
    [weight({ dtype: 'string' }), /The weight "w" of .*model\.json has the type string/],
  ];
  for (const [json, message] of cases)
    expect(
      await complaint(model(json, (folder) => writeFileSync(weights(folder), new Uint8Array(8)))),
    ).toMatch(message);
});

it('weights behind a link, in a device, a pipe or a folder are refused before they are read', async () => {
  const out = await complaint(model(valid, (folder) => symlinkSync('/dev/zero', weights(folder))));
  expect(out).toMatch(/model\.json names weights that are a link out of its own folder: "w\.bin"/);
  const pipe = (folder: string) => execFileSync('mkfifo', [weights(folder)]);
  expect(await complaint(model(valid, pipe))).toMatch(/w\.bin cannot be read \(it is a folder, a pipe or/);
  expect(await complaint(model(valid, (folder) => mkdirSync(weights(folder))))).toMatch(/it is a folder/);
  expect(await complaint('/dev/zero')).toMatch(/\/dev\/zero cannot be read/);
  const huge = (folder: string) => execFileSync('truncate', ['--size=100G', weights(folder)]);
  expect(await complaint(model(valid, huge))).toMatch(/expected 8 bytes of weights, found 107374182400/);
}, 10_000);
