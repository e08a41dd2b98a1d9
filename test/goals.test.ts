import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type ChunkTask,
  loadSpec,
  type NamedArray,
  npzBytes,
  openEngine,
  OpenSettings,
  work,
} from '@gauntlet/core';
import { builtIn as builtInPlugins } from '@gauntlet/cli/built-in';
import { saveModel } from '@gauntlet/zoo';
import { repository, temporary, writeSpec } from './support/cli.js';

const folder = temporary('goals');
const goals = path.join(repository, 'test/fixtures/goals.mjs');
const size = 16;

const builtIn = await builtInPlugins();

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
      name,
      use: name,
      plugin: plugin(name),
      version: 1,
      usesGradients: false,
      params,
      threat: { norm: 'none', epsilon: 0 },
      expectations: [],
      ...(criterion && { criterion: { use: criterion, plugin: plugin(criterion), version: 1, params: {} } }),
    },
    indices: [...Array(n).keys()],
  };
  return (await work(task, new OpenSettings())).outcomes;
}

const halves = (left: number, right: number) =>
  Float32Array.from({ length: size }, (_, i) => (i % 4 < 2 ? left : right));

let brighterHalf: string;
let brightenedCorner: string;
beforeAll(async () => {
  await openEngine('tfjs:wasm');
  brighterHalf = await dense(
    'halves',
    2,
    Array.from({ length: size }, (_, i) => (i % 4 < 2 ? [1, 0] : [0, 1])).flat(),
    [0, 0],
  );
  // Adds 1 to the first value, so that the loss of every clean image is exactly 1.
  const identity = Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  brightenedCorner = await dense('corner', size, identity, [1, ...new Array<number>(size - 1).fill(0)]);
});

describe('at an exact tie, attack, watch and referee agree', () => {
  it('classifier: two equal logits are no longer the label', async () => {
    const image = [...halves(0.5, 0.5)];
    const [outcome] = await attackImages('classifier', brighterHalf, halves(0.75, 0.25), [0], {
      name: 'gives-image',
      params: { image },
    });
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
    const [outcome] = await attackImages('autoencoder', brightenedCorner, clean, undefined, {
      name: 'gives-image',
      params: { image },
    });
    expect(outcome.loss!).toBeGreaterThan(outcome.cleanLoss!);
    expect(outcome.miOwn).toBe(0);
    expect(outcome).toMatchObject({ status: 'broken', forwards: 2, forwardsToSuccess: 1 });
  });

  it('an input that comes back unchanged is not broken', async () => {
    const clean = new Float32Array(size).fill(0.5);
    const [outcome] = await attackImages('autoencoder', brightenedCorner, clean, undefined, {
      name: 'gives-image',
      params: { image: [...clean] },
    });
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
    const judged = await attackImages('autoencoder', brightenedCorner, images, undefined, {
      name: 'tells-labels',
      criterion: 'label',
    });
    expect(judged.map(({ criterion }) => criterion)).toEqual([100, 100]);
  });

  it('are handed to attacks and criteria, whatever the victim', async () => {
    for (const [kind, model] of [
      ['classifier', brighterHalf],
      ['autoencoder', brightenedCorner],
    ] as const) {
      const outcomes = await attackImages(kind, model, images, [0, 1], {
        name: 'tells-labels',
        criterion: 'label',
      });
      expect(outcomes.map(({ miOwn }) => miOwn)).toEqual([0, 1]);
      expect(outcomes.map(({ criterion }) => criterion)).toEqual([0, 1]);
    }
  });
});

describe("a goal of the spec's", () => {
  const images = Float32Array.of(...halves(0.75, 0.25), ...halves(0.25, 0.75));
  const write = (attacks: object[]) => {
    const file = path.join(folder, 'halves.npz');
    writeFileSync(
      file,
      npzBytes({ x: { shape: [2, 4, 4, 1], data: images }, y: { shape: [2], data: Int32Array.of(0, 1) } }),
    );
    return writeSpec(folder, attacks, {
      victim: { name: 'halves', model: brighterHalf, kind: 'classifier', bounds: [0, 1], engine: 'onnx:cpu' },
      dataset: { format: 'npz', file, labelsKey: 'y' },
    });
  };
  /** Outcomes of each attack of a spec. */
  async function outcomesOf(attacks: object[]) {
    const { victims, dataset, seed, attacks: loaded } = await loadSpec(write(attacks), { builtIn });
    const done = [];
    for (const attack of loaded)
      done.push(
        (
          await work(
            { kind: 'chunk', victim: victims[0], dataset, seed, attack, indices: [0, 1] },
            new OpenSettings(),
          )
        ).outcomes,
      );
    return done;
  }
  const of = (name: string, params?: object) => ({ use: `${goals}#${name}`, params });

  it('is what attacks with a loss pursue by themselves', async () => {
    const criterion = of('surer', { logit: 6.5 });
    const done = await outcomesOf([
      { use: 'pgd', params: { epsilon: 0.1 }, criterion },
      {
        use: 'pgd',
        name: 'pgd goal',
        params: { epsilon: 0.1, loss: 'goal', keepImproving: true },
        criterion,
      },
      { use: 'fgsm', params: { epsilon: 0.1 }, criterion },
    ]);
    for (const outcomes of done) {
      expect(outcomes.map(({ status }) => status)).toEqual(['broken', 'broken']);
      for (const { criterion } of outcomes) expect(criterion).toBeLessThanOrEqual(0);
    }
  });

  it('may look at features, whatever the attack asks of the victim', async () => {
    const criterion = of('small-features');
    const params = { norm: 'l2', epsilon: 0.5 };
    const [pgd, noise] = await outcomesOf([
      { use: 'pgd', params, criterion },
      { use: 'noise', params, criterion },
    ]);
    pgd.forEach((one, i) => {
      expect([one.status, noise[i].status]).toEqual(['held', 'held']);
      expect(one.criterion).toBeLessThan(noise[i].criterion!);
    });
  });

  it('is no evidence where it has no gradient, and is where it begins at its peak', async () => {
    const params = { epsilon: 0.1 };
    const [constant, fgsm, pgd] = await outcomesOf([
      { use: 'pgd', params, criterion: of('constant') },
      { use: 'fgsm', params, criterion: of('far-away') },
      { use: 'pgd', name: 'from elsewhere', params, criterion: of('far-away') },
    ]);
    const flat = (outcomes: typeof pgd) => outcomes.map((one) => [one.status, one.flat]);
    expect(flat(constant)).toEqual([
      ['held', true],
      ['held', true],
    ]);
    expect(flat(fgsm)).toEqual([
      ['held', true],
      ['held', true],
    ]);
    expect(flat(pgd)).toEqual([
      ['held', false],
      ['held', false],
    ]);
  });

  it('says by name what it needs', async () => {
    const corner = attackImages('autoencoder', brightenedCorner, images, undefined, {
      name: 'tells-labels',
      criterion: 'needs-labels',
    });
    await expect(corner).rejects.toThrow('the criterion needs-labels needs labels');
  });

  it('is refused for attacks that would not pursue it, with the place', async () => {
    const complaint = (attack: object) => loadSpec(write([attack]), { builtIn }).then(() => 'none', String);
    const criterion = of('surer', { logit: 6.5 });
    expect(await complaint({ use: 'gaussian', params: { sigma: 0.1 }, criterion })).toMatch(
      /test\.robust\.json:\d+:\d+: The attack gaussian pursues no goal but/,
    );
    for (const loss of ['ce', 'margin', 'dlr'])
      for (const use of ['pgd', 'fgsm'])
        expect(await complaint({ use, params: { epsilon: 0.1, loss }, criterion })).toMatch(
          new RegExp(`test\\.robust\\.json:\\d+:\\d+: ${use} with "loss: ${loss}" goes by the labels`),
        );
    for (const use of ['pgd', 'fgsm', 'noise', 'minmax', 'penalty'])
      expect(await complaint({ use, params: { epsilon: 0.1 }, criterion })).toBe('none');
    // What an attack does not say, it does not promise.
    expect(
      await complaint({ use: `${path.join(repository, 'test/fixtures/plugins.mjs')}#throws`, criterion }),
    ).toMatch(/The attack throws pursues/);
  });

  it('is refused once for a whole sweep', async () => {
    const attack = {
      use: 'pgd',
      params: { loss: 'ce' },
      sweep: { epsilon: [0.1, 0.2] },
      criterion: of('surer', { logit: 6.5 }),
    };
    const complaint = await loadSpec(write([attack]), { builtIn }).then(() => 'none', String);
    expect(complaint.match(/goes by the labels/g)).toHaveLength(1);
  });
});
