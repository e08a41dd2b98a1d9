import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { misclassified, Stream } from '@gauntlet/api';
import {
  CountedVictim,
  type LoadedVictim,
  newLedger,
  openEngine,
  openVictim,
  type VictimConfig,
} from '@gauntlet/core';
import { folder, save } from '../../../../test/support/save-model.js';

let next = 0;

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

const config = (model: string, rest: Partial<VictimConfig> = {}): VictimConfig => ({
  name: 'v',
  model,
  kind: 'classifier',
  bounds: [0, 1],
  engine: 'tfjs:wasm',
  output: 'auto',
  preprocess: {},
  ...rest,
});
const shape: [number, number, number] = [8, 8, 1];
const open = async (model: string, rest: Partial<VictimConfig> = {}, image = shape) =>
  openVictim(config(model, rest), image);
const complaint = async (model: string, rest: Partial<VictimConfig> = {}, image = shape) =>
  open(model, rest, image).then(
    () => 'no complaint',
    (error: Error) => error.message,
  );

function images(n: number, [h, w, c] = shape, [low, high] = [0, 1]): tf.Tensor4D {
  const stream = new Stream('images', n, h, w, c);
  return tf.tensor4d(
    Float32Array.from({ length: n * h * w * c }, () => stream.uniform(low, high)),
    [n, h, w, c],
  );
}

const init = (seed: number) => ({
  kernelInitializer: tfl.initializers.glorotNormal({ seed }),
  biasInitializer: tfl.initializers.randomNormal({ seed }),
});
const cnn = (
  last: tfl.layers.Layer[],
  first: tfl.layers.Layer[] = [
    tfl.layers.conv2d({
      name: 'first',
      inputShape: shape,
      filters: 5,
      kernelSize: 3,
      activation: 'relu',
      ...init(1),
    }),
  ],
) =>
  tfl.sequential({
    layers: [...first, tfl.layers.maxPooling2d({ poolSize: 2 }), tfl.layers.flatten(), ...last],
  });
const dense = (units: number, activation?: 'softmax' | 'relu' | 'sigmoid') =>
  tfl.layers.dense({ units, activation, ...init(2) });

/** Directional derivative of the margin by the victim against central differences. */
async function expectGradient(victim: LoadedVictim, x: tf.Tensor4D): Promise<void> {
  const labels = Int32Array.from({ length: x.shape[0] }, (_, i) => i % victim.traits.classes);
  const goal = misclassified(labels);
  const { gradient, value } = await victim.differentiate(x, (outputs) => goal.value(outputs));
  const direction = images(x.shape[0], [...victim.traits.inputShape]);
  const along = await tf.sum(tf.reshape(tf.mul(gradient, direction), [x.shape[0], -1]), 1).data();
  const step = 1e-3 * (victim.traits.bounds[1] - victim.traits.bounds[0]);
  const at = async (factor: number) =>
    goal.value(await victim.predict(tf.add(x, tf.mul(direction, factor)))).data();
  const [up, down] = [await at(step), await at(-step)];
  along.forEach((slope, i) => {
    const difference = (up[i] - down[i]) / (2 * step);
    expect(Math.abs(slope - difference)).toBeLessThan(
      0.03 * Math.max(Math.abs(difference), 0.1 / (victim.traits.bounds[1] - victim.traits.bounds[0])),
    );
  });
  const direct = await goal.value(await victim.predict(x)).data();
  (await value.data()).forEach((one, i) => expect(one).toBeCloseTo(direct[i], 4));
}

describe('softmax at the end', () => {
  const x = () => images(3);
  const logitsOf = async (model: string) => (await (await open(model)).victim.predict(x())).logits.array();

  it('is taken off as a layer of its own, as an Activation, and inside the last dense layer', async () => {
    const plain = await logitsOf(await save(cnn([dense(4)])));
    for (const last of [
      [dense(4), tfl.layers.softmax()],
      [dense(4), tfl.layers.activation({ activation: 'softmax' })],
      [dense(4, 'softmax')],
    ]) {
      const model = await save(cnn(last));
      const { info } = await open(model);
      expect(info.outputScale).toBe('logits');
      expect(info.notes.join()).toMatch(/ends in a softmax; logits are taken from before it/);
      (await logitsOf(model)).flat().forEach((value, i) => expect(value).toBeCloseTo(plain.flat()[i], 5));
    }
  });

  it('is worked around with log-probabilities where something follows it, and the report says so', async () => {
    const model = await save(cnn([dense(4, 'softmax'), tfl.layers.reshape({ targetShape: [4] })]));
    const { victim, info } = await open(model);
    expect(info.outputScale).toBe('log-probabilities');
    expect(info.notes.join()).toMatch(/logarithms stand in for logits/);
    const { logits } = await victim.predict(x());
    (await tf.logSumExp(logits, 1).data()).forEach((sum) => expect(sum).toBeCloseTo(0, 4));
    await expectGradient(victim, x());
  });

  it('is an error behind a declaration of logits', async () => {
    const model = await save(cnn([dense(4, 'softmax')]));
    expect(await complaint(model, { output: 'logits' })).toMatch(
      /declared to give logits, but its outputs are probabilities/,
    );
    expect(await complaint(await save(cnn([dense(4)])), { output: 'probabilities' })).toMatch(
      /declared to give probabilities/,
    );
  });
});

describe('one number per image', () => {
  const x = () => images(3);
  const single = (activation?: 'softmax' | 'relu' | 'sigmoid') => save(cnn([dense(1, activation)]));
  /** The outputs of a model as they are. */
  const outputs = async (model: string) => {
    const engine = await openEngine('tfjs:wasm');
    const loaded = await engine.load({ path: model, output: 'raw' });
    return [...(await (await loaded.predict(x())).data())];
  };

  it('is a logit, of which zero is the other class', async () => {
    const model = await single();
    const { victim, info } = await open(model, { output: 'logits' });
    expect(info).toMatchObject({ classes: 2, outputScale: 'logits' });
    expect(info.notes.join()).toMatch(/a binary classifier: a logit above 0 is class 1, else class 0/);
    const expected = await outputs(model);
    expect(await (await victim.predict(x())).logits.array()).toEqual(expected.map((z) => [0, z]));
    await expectGradient(victim, x());
  });

  it('is a sigmoid, which is taken off', async () => {
    for (const last of [
      [dense(1, 'sigmoid')],
      [dense(1), tfl.layers.activation({ activation: 'sigmoid' })],
    ]) {
      for (const output of ['auto', 'probabilities'] as const) {
        const { victim, info } = await open(await save(cnn(last)), { output });
        expect(info).toMatchObject({ classes: 2, outputScale: 'logits' });
        const expected = await outputs(await single());
        const { logits } = await victim.predict(x());
        (await logits.array()).forEach(([zero, z], i) => {
          expect(zero).toBe(0);
          expect(z).toBeCloseTo(expected[i], 5);
        });
        await expectGradient(victim, x());
      }
    }
  });

  it('is a probability that the graph does not allow to look behind, finite where it saturates', async () => {
    const model = await save(
      cnn([dense(1, 'sigmoid'), tfl.layers.reshape({ targetShape: [1] })]),
      (_, weights) => weights.fill(80, -1),
    );
    expect(await complaint(model)).toMatch(/a probability or a logit. Write output: probabilities/);
    const { victim, info } = await open(model, { output: 'probabilities' });
    expect(info).toMatchObject({ classes: 2, outputScale: 'log-probabilities' });
    for (const [none, one] of await (await victim.predict(x())).logits.array()) {
      expect(none).toBeCloseTo(Math.log(1e-30), 3);
      expect(one).toBeCloseTo(0, 6);
    }
    const plain = await save(cnn([dense(1, 'sigmoid'), tfl.layers.reshape({ targetShape: [1] })]));
    const { victim: soft } = await open(plain, { output: 'probabilities' });
    const { logits } = await soft.predict(x());
    (await tf.logSumExp(logits, 1).data()).forEach((sum) => expect(sum).toBeCloseTo(0, 4));
    await expectGradient(soft, x());
  });

  it('is an error behind a declaration of something else, or behind a softmax', async () => {
    expect(await complaint(await single('sigmoid'), { output: 'logits' })).toMatch(
      /ends in a sigmoid. Write/,
    );
    expect(await complaint(await single('softmax'))).toMatch(/a softmax over one number, which is 1/);
    const negative = await save(cnn([dense(1)]), (_, weights) => weights.fill(-3, -1));
    expect(await complaint(negative, { output: 'probabilities' })).toMatch(/its output leaves \[0, 1\]/);
  });
});

describe('a sigmoid for each class', () => {
  it('is refused as multi-label, and attacked by its largest score where the spec says so', async () => {
    const model = await save(cnn([dense(4, 'sigmoid')]));
    for (const output of ['auto', 'logits'] as const)
      expect(await complaint(model, { output })).toMatch(/\(multi-label\).* write output: probabilities/);
    const { victim, info } = await open(model, { output: 'probabilities' });
    expect(info).toMatchObject({ classes: 4, outputScale: 'logits' });
    const plain = await open(await save(cnn([dense(4)])));
    const expected = await (await plain.victim.predict(images(3))).logits.data();
    const found = await (await victim.predict(images(3))).logits.data();
    found.forEach((score, i) => expect(score).toBeCloseTo(expected[i], 5));
  });
});

describe('features', () => {
  const x = () => images(2);

  it('are the first convolution before and after its activation, built in or as a layer of its own', async () => {
    const conv = (activation?: 'relu') =>
      tfl.layers.conv2d({
        name: 'first',
        inputShape: shape,
        filters: 5,
        kernelSize: 3,
        activation,
        ...init(1),
      });
    for (const first of [
      [conv('relu')],
      [conv(), tfl.layers.activation({ activation: 'relu' })],
      [conv(), tfl.layers.reLU()],
    ]) {
      const { victim, info } = await open(await save(cnn([dense(3)], first)));
      expect(info.featureSource).toEqual({ kind: 'convolution', layer: 'first' });
      const alone = await victim.features(x());
      // As an objective sees them.
      const whole: Record<string, tf.Tensor> = {};
      await victim.differentiate(x(), (outputs) => {
        for (const name of ['features', 'preactivation'] as const)
          whole[name] = tf.keep(tf.clone(outputs[name]));
        return tf.sum(outputs.logits, 1);
      });
      expect(alone.features.shape).toEqual([2, 6, 6, 5]);
      expect(await alone.features.data()).toEqual(await tf.relu(alone.preactivation).data());
      expect((await alone.preactivation.data()).some((value) => value < 0)).toBe(true);
      expect(await whole.features.data()).toEqual(await alone.features.data());
      expect(await whole.preactivation.data()).toEqual(await alone.preactivation.data());
    }
  });

  it('can be named, and a wrong name gets the likely one', async () => {
    const second = tfl.layers.conv2d({ name: 'second', filters: 2, kernelSize: 2, ...init(3) });
    const model = await save(
      cnn(
        [dense(3)],
        [
          tfl.layers.conv2d({ name: 'first', inputShape: shape, filters: 5, kernelSize: 3, ...init(1) }),
          second,
        ],
      ),
    );
    const { victim } = await open(model, { features: 'second' });
    expect((await victim.features(x())).features.shape).toEqual([2, 5, 5, 2]);
    expect(await complaint(model, { features: 'secnd' })).toMatch(/no layer "secnd".*Did you mean "second"/);
  });

  it('are random projections of patches for a victim without a convolution, and its gradient runs through them', async () => {
    const model = await save(
      tfl.sequential({ layers: [tfl.layers.dense({ inputShape: [64], units: 3, ...init(1) })] }),
    );
    const { victim, info } = await open(model);
    expect(info.featureSource).toEqual({ kind: 'patches' });
    expect(info.notes.join()).toMatch(/3×3 patches/);
    const { features } = await victim.features(x());
    expect(features.shape).toEqual([2, 6, 6, 9]);
    // Orthonormal: a patch keeps its length.
    const patch = tf.slice(x(), [0, 0, 0, 0], [1, 3, 3, 1]);
    const projected = tf.slice(features, [0, 0, 0, 0], [1, 1, 1, 9]);
    expect((await tf.norm(projected).data())[0]).toBeCloseTo((await tf.norm(patch).data())[0], 4);

    const weights = images(2, [6, 6, 9]);
    const objective = (outputs: { features: tf.Tensor; logits: tf.Tensor }) =>
      tf.add(
        tf.sum(tf.reshape(tf.mul(outputs.features, weights), [2, -1]), 1),
        tf.sum(outputs.logits, 1),
      ) as tf.Tensor1D;
    const { gradient } = await victim.differentiate(x(), objective);
    const direction = images(2);
    const along = await tf.sum(tf.reshape(tf.mul(gradient, direction), [2, -1]), 1).data();
    const at = async (factor: number) => {
      const moved: tf.Tensor4D = tf.add(x(), tf.mul(direction, factor));
      return objective({ ...(await victim.predict(moved)), ...(await victim.features(moved)) }).data();
    };
    const [up, down] = [await at(0.01), await at(-0.01)];
    along.forEach((slope, i) => expect(slope).toBeCloseTo((up[i] - down[i]) / 0.02, 1));
  });
});

describe('gradients', () => {
  it('need no filter gradient, also for a linear Conv2D followed by an Activation', async () => {
    const layers = [
      tfl.layers.conv2d({ inputShape: shape, filters: 4, kernelSize: 3, ...init(1) }),
      tfl.layers.activation({ activation: 'relu' }),
      tfl.layers.batchNormalization(),
      tfl.layers.depthwiseConv2d({
        kernelSize: 3,
        padding: 'same',
        dilationRate: 2,
        depthwiseInitializer: tfl.initializers.glorotNormal({ seed: 3 }),
      }),
      tfl.layers.conv2d({ filters: 3, kernelSize: 2, strides: 2, padding: 'same', ...init(4) }),
      tfl.layers.averagePooling2d({ poolSize: 2 }),
      tfl.layers.flatten(),
      tfl.layers.dropout({ rate: 0.5 }),
      dense(6, 'relu'),
      dense(3),
    ];
    const { victim } = await open(await save(tfl.sequential({ layers })));
    await expectGradient(victim, images(3));
  });

  it('go through scale, mean, std and flattening, in the units of the input', async () => {
    const model = await save(
      tfl.sequential({ layers: [tfl.layers.dense({ inputShape: [64], units: 3, ...init(1) })] }),
    );
    const preprocess = { scale: 1 / 255, mean: 0.4, std: [0.3] };
    const { victim } = await open(model, { bounds: [0, 255], preprocess });
    await expectGradient(victim, images(2, shape, [0, 255]));
    const { victim: plain } = await open(model);
    const x = images(2, shape, [0, 255]);
    const scaled: tf.Tensor4D = tf.div(tf.sub(tf.mul(x, 1 / 255), 0.4), 0.3);
    const [a, b] = [(await victim.predict(x)).logits, (await plain.predict(scaled)).logits];
    (await a.data()).forEach((value, i) => expect(value).toBeCloseTo(b.dataSync()[i], 3));
  });

  it('go through images of several channels, flattened pixel by pixel as Keras does, or as the spec says', async () => {
    const image: [number, number, number] = [4, 3, 2];
    const model = await save(
      tfl.sequential({ layers: [tfl.layers.dense({ inputShape: [24], units: 3, ...init(1) })] }),
    );
    const x = images(3, image);
    const logits = async (layout?: 'nchw' | 'nhwc') => {
      const { victim } = await open(model, { preprocess: { layout } }, image);
      await expectGradient(victim, x);
      return (await victim.predict(x)).logits.array();
    };
    expect(await logits()).toEqual(await logits('nhwc'));
    const moved: tf.Tensor4D = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [3, ...image]);
    const { victim } = await open(model, {}, image);
    expect(await logits('nchw')).toEqual(await (await victim.predict(moved)).logits.array());
  });

  it('are counted by sample, with those that are zero everywhere', async () => {
    const { victim } = await open(await save(cnn([dense(3)])));
    const ledger = newLedger(3);
    const counted = new CountedVictim(victim, ledger);
    await counted.predict(images(3));
    await counted.rows([2]).predict(images(1));
    await counted
      .rows([0, 2])
      .rows([1])
      .differentiate(images(1), ({ logits }) => tf.sum(logits, 1) as tf.Tensor1D);
    await counted.differentiate(images(3), ({ logits }) => tf.sum(tf.mul(logits, 0), 1) as tf.Tensor1D);
    await counted.settle();
    expect([...ledger.forwards]).toEqual([2, 2, 4]);
    expect([...ledger.gradients]).toEqual([1, 1, 2]);
    expect([...ledger.zeroGradients]).toEqual([1, 1, 1]);
  });
});

describe('what is wrong with a model is said', () => {
  it('NaN weights', async () => {
    const model = await save(cnn([dense(3)]), (_json, weights) => (weights[7] = NaN));
    expect(await complaint(model)).toMatch(
      /The weight "first\/kernel" of .*model\.json is NaN at position 7/,
    );
  });

  it('weights outside the folder of the model', async () => {
    for (const stray of ['../weights.bin', '/etc/passwd', 'a/../../b', 'https://example.org/w.bin']) {
      const model = await save(cnn([dense(3)]), (json) => (json.weightsManifest[0].paths = [stray]));
      expect(await complaint(model)).toContain(`names weights outside its own folder: "${stray}"`);
    }
  });

  it('missing, truncated, malformed', async () => {
    expect(await complaint(path.join(folder, 'nothing'))).toMatch(/There is no model at/);
    const short = await save(cnn([dense(3)]));
    writeFileSync(path.join(short, 'weights.bin'), new Uint8Array(12));
    expect(await complaint(short)).toMatch(/expected \d+ bytes of weights, found 12/);
    const text = path.join(folder, 'text.json');
    writeFileSync(text, 'no json');
    expect(await complaint(text)).toMatch(/is not JSON/);
    writeFileSync(text, '{}');
    expect(await complaint(text)).toMatch(/is no TensorFlow\.js model/);
    const unknown = await save(
      cnn([dense(3)]),
      (json) =>
        (json.modelTopology = JSON.parse(
          JSON.stringify(json.modelTopology).replace('"Flatten"', '"Lambda"'),
        )),
    );
    expect(await complaint(unknown)).toMatch(/cannot be loaded: .*Lambda/);
  });

  it('shapes and kinds that do not fit', async () => {
    const model = await save(cnn([dense(3)]));
    expect(await complaint(model, {}, [9, 9, 1])).toMatch(
      /takes inputs of shape \[8, 8, 1\], the dataset gives \[9, 9, 1\]/,
    );
    expect(await complaint(model, { kind: 'autoencoder' })).toMatch(
      /declared as an autoencoder, but gives 3 numbers for an input of 64/,
    );
  });
});

describe('GraphModel', () => {
  const tensorflowType = 'DT_FLOAT';
  const constant = (name: string, ...size: number[]) => ({
    name,
    op: 'Const',
    attr: {
      dtype: { type: tensorflowType },
      value: {
        tensor: { dtype: tensorflowType, tensorShape: { dim: size.map((one) => ({ size: String(one) })) } },
      },
    },
  });
  const text = (value: string) => Buffer.from(value).toString('base64');
  const attr = { T: { type: tensorflowType } };
  const fused = (...ops: string[]) => ({
    ...attr,
    fused_ops: { list: { s: ops.map(text) } },
    num_args: { i: '1' },
    epsilon: { f: 0 },
  });

  /** conv 3×3 relu (fused) → flatten → dense (fused, linear) → softmax: what the converter makes of a small CNN. */
  function saveGraph(convolution: object, end = 'Softmax'): string {
    const stream = new Stream('graph');
    const sizes = { 'conv/w': [3, 3, 1, 4], 'conv/b': [4], shape: [2], 'dense/w': [144, 3], 'dense/b': [3] };
    const node = [
      {
        name: 'image',
        op: 'Placeholder',
        attr: {
          dtype: { type: tensorflowType },
          shape: { shape: { dim: [{ size: '-1' }, { size: '8' }, { size: '8' }, { size: '1' }] } },
        },
      },
      constant('conv/w', 3, 3, 1, 4),
      constant('conv/b', 4),
      constant('dense/w', 144, 3),
      constant('dense/b', 3),
      { ...constant('shape', 2), attr: { ...constant('shape', 2).attr, dtype: { type: 'DT_INT32' } } },
      convolution,
      { name: 'flat', op: 'Reshape', input: ['conv', 'shape'], attr },
      {
        name: 'dense',
        op: '_FusedMatMul',
        input: ['flat', 'dense/w', 'dense/b'],
        attr: { ...fused('BiasAdd'), transpose_a: { b: false }, transpose_b: { b: false } },
      },
      { name: 'probabilities', op: end, input: ['dense'], attr },
      { name: 'Identity', op: 'Identity', input: ['probabilities'], attr },
    ];
    const weights = Object.entries(sizes).map(([name, dimensions]) => ({
      name,
      shape: dimensions,
      dtype: name === 'shape' ? 'int32' : 'float32',
    }));
    const bytes = Buffer.concat(
      Object.entries(sizes).map(([name, dimensions]) => {
        if (name === 'shape') return Buffer.from(Int32Array.of(-1, 144).buffer);
        const values = Float32Array.from(
          { length: dimensions.reduce((a, b) => a * b, 1) },
          () => 0.3 * stream.normal(),
        );
        return Buffer.from(values.buffer);
      }),
    );
    const to = path.join(folder, `graph-${next++}`);
    mkdirSync(to);
    writeFileSync(path.join(to, 'weights.bin'), bytes);
    writeFileSync(
      path.join(to, 'model.json'),
      JSON.stringify({
        format: 'graph-model',
        modelTopology: { node, library: {}, versions: {} },
        weightsManifest: [{ paths: ['weights.bin'], weights }],
      }),
    );
    return to;
  }
  const strides = {
    strides: { list: { i: ['1', '1', '1', '1'] } },
    padding: { s: text('VALID') },
    data_format: { s: text('NHWC') },
    dilations: { list: { i: ['1', '1', '1', '1'] } },
  };
  const withRelu = (end?: string) =>
    saveGraph(
      {
        name: 'conv',
        op: '_FusedConv2D',
        input: ['image', 'conv/w', 'conv/b'],
        attr: { ...fused('BiasAdd', 'Relu'), ...strides },
      },
      end,
    );

  it('is unfused, gives logits and features, and is differentiated on wasm', async () => {
    const { victim, info } = await open(withRelu());
    expect(info).toMatchObject({
      outputScale: 'logits',
      classes: 3,
      featureSource: { kind: 'convolution', layer: 'conv' },
    });
    const { features, preactivation } = await victim.features(images(2));
    expect(features.shape).toEqual([2, 6, 6, 4]);
    expect(await features.data()).toEqual(await tf.relu(preactivation).data());
    expect((await preactivation.data()).some((value) => value < 0)).toBe(true);
    await expectGradient(victim, images(3));
  });

  it('that ends in a sigmoid for each class is refused, or gives what comes before it', async () => {
    const model = withRelu('Sigmoid');
    expect(await complaint(model)).toMatch(/multi-label/);
    const { victim } = await open(model, { output: 'probabilities' });
    const { victim: plain } = await open(withRelu());
    const expected = await (await plain.predict(images(2))).logits.data();
    expect(await (await victim.predict(images(2))).logits.data()).toEqual(expected);
  });

  it('works with a fused convolution that has no activation', async () => {
    const { victim } = await open(
      saveGraph({
        name: 'conv',
        op: '_FusedConv2D',
        input: ['image', 'conv/w', 'conv/b'],
        attr: { ...fused('BiasAdd'), ...strides },
      }),
    );
    await expectGradient(victim, images(3));
  });

  it('names an unknown node', async () => {
    expect(await complaint(withRelu(), { features: 'convv' })).toMatch(
      /no node "convv".*Did you mean "conv"/,
    );
  });
});
