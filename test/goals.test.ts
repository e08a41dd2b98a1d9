import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { npzBytes, openEngine, work, type ChunkTask, type NamedArray } from '@gauntlet/core';
import { saveModel } from '@gauntlet/zoo';
import { repository, temporary } from './support/cli.js';

const folder = temporary('goals');
const goals = path.join(repository, 'test/fixtures/goals.mjs');
const size = 16;

/** Images 4×4×1, and a victim that is one dense layer. */
async function dense(name: string, units: number, weights: number[], bias: number[]): Promise<string> {
  const model = tfl.sequential();
  model.add(tfl.layers.flatten({ inputShape: [4, 4, 1] }));
  model.add(tfl.layers.dense({ units, name: 'dense' }));
  if (units === size) model.add(tfl.layers.reshape({ targetShape: [4, 4, 1] }));
  model.getLayer('dense').setWeights([tf.tensor2d(weights, [size, units]), tf.tensor1d(bias)]);
  const to = path.join(folder, name);
  await saveModel(model, to, {});
  return path.join(to, 'model.json');
}

/** The chunk that a worker gets for some images [n·16] under one of the attacks in the fixture. */
async function attackImages(
  kind: 'classifier' | 'autoencoder',
  model: string,
  images: Float32Array,
  labels: number[] | undefined,
  attack: { name: string; params?: Record<string, unknown>; criterion?: string },
) {
  const n = images.length / size;
  const file = path.join(folder, `${Math.random()}.npz`);
  const arrays: Record<string, NamedArray> = { x: { shape: [n, 4, 4, 1], data: images } };
  if (labels) arrays.y = { shape: [n], data: Int32Array.from(labels) };
  writeFileSync(file, npzBytes(arrays));
  const plugin = (name: string) => ({ url: pathToFileURL(goals).href, name });
  const { name, params = {}, criterion } = attack;
  const task: ChunkTask = {
    kind: 'chunk',
    victim: { name: kind, model, kind, bounds: [0, 1], engine: 'onnx:cpu', output: 'logits', preprocess: {} },
    dataset: { format: 'npz', file, imagesKey: 'x', ...(labels && { labelsKey: 'y' }) },
    seed: 1,
    attack: {
      name, use: name, plugin: plugin(name), version: 1, usesGradients: false, params, threat: { norm: 'none', epsilon: 0 }, expectations: [],
      ...(criterion && { criterion: { use: criterion, plugin: plugin(criterion), version: 1, params: {} } }),
    },
    indices: [...Array(n).keys()],
  }; // prettier-ignore
  return (await work(task)).outcomes;
}

const halves = (left: number, right: number) =>
  Float32Array.from({ length: size }, (_, i) => (i % 4 < 2 ? left : right));

let brighterHalf: string;
let brightenedCorner: string;
beforeAll(async () => {
  await openEngine('tfjs:wasm');
  brighterHalf = await dense('halves', 2, Array.from({ length: size }, (_, i) => (i % 4 < 2 ? [1, 0] : [0, 1])).flat(), [0, 0]); // prettier-ignore
  // Adds 1 to the first value, so that the loss of every clean image is exactly 1.
  const identity = Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  brightenedCorner = await dense('corner', size, identity, [1, ...new Array<number>(size - 1).fill(0)]);
});

describe('at an exact tie, attack, watch and referee agree', () => {
  it('classifier: two equal logits are no longer the label', async () => {
    const image = [...halves(0.5, 0.5)];
    const [outcome] = await attackImages('classifier', brighterHalf, halves(0.75, 0.25), [0], { name: 'gives-image', params: { image } }); // prettier-ignore
    expect(outcome.miOwn).toBe(0);
    expect(outcome).toMatchObject({
      status: 'broken',
      brokenRounded: true,
      forwards: 2,
      forwardsToSuccess: 1,
    });
    expect(outcome.prediction).not.toBe(outcome.label);
  });

  it('classifier: what is a tie before the attack needs none', async () => {
    const images = Float32Array.of(...halves(0.5, 0.5), ...halves(0.75, 0.25));
    const outcomes = await attackImages('classifier', brighterHalf, images, [0, 0], { name: 'tells-labels' });
    expect(outcomes.map(({ status }) => status)).toEqual(['skipped', 'held']);
    expect(outcomes[0].reason).toBe('misclassified before the attack');
    expect(outcomes[0].cleanPrediction).not.toBe(outcomes[0].label);
  });

  it('autoencoder: the loss is equal in float32, and larger in float64', async () => {
    const clean = new Float32Array(size).fill(0.5);
    const image = [...clean.with(1, 0.5 + 2 ** -13)];
    const [outcome] = await attackImages('autoencoder', brightenedCorner, clean, undefined, { name: 'gives-image', params: { image } }); // prettier-ignore
    expect(outcome.loss!).toBeGreaterThan(outcome.cleanLoss!);
    expect(outcome.miOwn).toBe(0);
    expect(outcome).toMatchObject({ status: 'broken', forwards: 2, forwardsToSuccess: 1 });
  });

  it('an input that comes back unchanged is not broken', async () => {
    const clean = new Float32Array(size).fill(0.5);
    const [outcome] = await attackImages('autoencoder', brightenedCorner, clean, undefined, { name: 'gives-image', params: { image: [...clean] } }); // prettier-ignore
    expect(outcome.miOwn).toBe(0);
    expect(outcome.status).toBe('held');
  });
});

describe('labels', () => {
  const images = Float32Array.of(...halves(0.75, 0.25), ...halves(0.25, 0.75));

  it('of data that have none are none, for attacks and for criteria', async () => {
    const told = await attackImages('autoencoder', brightenedCorner, images, undefined, {
      name: 'tells-labels',
    });
    expect(told.map(({ miOwn }) => miOwn)).toEqual([-1, -1]);
    const judged = await attackImages('autoencoder', brightenedCorner, images, undefined, { name: 'tells-labels', criterion: 'label' }); // prettier-ignore
    expect(judged.map(({ criterion }) => criterion)).toEqual([100, 100]);
  });

  it('are handed to attacks and criteria, whatever the victim', async () => {
    for (const [kind, model] of [
      ['classifier', brighterHalf],
      ['autoencoder', brightenedCorner],
    ] as const) {
      const outcomes = await attackImages(kind, model, images, [0, 1], { name: 'tells-labels', criterion: 'label' }); // prettier-ignore
      expect(outcomes.map(({ miOwn }) => miOwn)).toEqual([0, 1]);
      expect(outcomes.map(({ criterion }) => criterion)).toEqual([0, 1]);
    }
  });
});
