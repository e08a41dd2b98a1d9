import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { npzBytes } from '../datasets/write-npz.js';
import { writeWhole } from '../store/write-whole.js';
import { OpenSettings } from './open-setting.js';
import type { Setting } from './task.js';

const shipped = path.resolve(import.meta.dirname, '../../../zoo/models/digits-cnn');
const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-settings-'));
const file = path.join(folder, 'data.npz');
const x = { shape: [2, 28, 28, 1], data: new Float32Array(2 * 28 * 28).fill(0.5) };
writeWhole(file, [npzBytes({ x, y: { shape: [2], data: Int32Array.of(1, 2) } })]);

function settingOf(name: string): Setting {
  const model = path.join(folder, name);
  mkdirSync(model, { recursive: true });
  for (const part of ['model.json', 'weights.bin'])
    copyFileSync(path.join(shipped, part), path.join(model, part));
  return {
    victim: {
      name,
      model: path.join(model, 'model.json'),
      kind: 'classifier',
      bounds: [0, 1],
      engine: 'tfjs:cpu',
      output: 'auto',
      preprocess: {},
    },
    dataset: { format: 'npz', file, imagesKey: 'x', labelsKey: 'y' },
    seed: 1,
  };
}

it('keeps the last two victims and one copy of the data, however many victims come', async () => {
  const opened = new OpenSettings();
  const [a, b, c] = ['a', 'b', 'c'].map(settingOf);
  const first = await opened.open(a);
  const second = await opened.open(b);
  const two = tf.memory().numTensors;
  expect(second.dataset).toBe(first.dataset);
  expect(await opened.open(a)).toBe(first);

  // b was used before a, and goes.
  await opened.open(c);
  expect(tf.memory().numTensors).toBe(two);
  expect(await opened.open(a)).toBe(first);
  expect(await opened.open(b)).not.toBe(second);

  await opened.close();
  expect(tf.memory().numTensors).toBe(0);
});

it('reads a model again when a run begins, which may have been replaced since the last one', async () => {
  const opened = new OpenSettings();
  const setting = settingOf('replaced');
  const before = await opened.open(setting);
  const weights = path.join(folder, 'replaced/weights.bin');
  const bytes = readFileSync(weights);
  bytes.writeFloatLE(bytes.readFloatLE(0) + 0.5, 0);
  writeFileSync(weights, bytes);
  expect(await opened.open(setting)).toBe(before);
  const after = await opened.open(setting, true);
  expect(after.info.hash).not.toBe(before.info.hash);
  expect(await opened.open(setting)).toBe(after);
  await opened.close();
});
