import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { Stream } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';
import { save } from '../../../test/support/save-model.js';

const { layers } = tfl;
type Layer = tfl.layers.Layer;
let seed = 1;
const init = () => ({
  kernelInitializer: tfl.initializers.glorotNormal({ seed: seed++ }),
  biasInitializer: tfl.initializers.randomNormal({ seed: seed++, stddev: 0.3 }),
});
const depthwise = () => ({
  depthwiseInitializer: tfl.initializers.glorotNormal({ seed: seed++ }),
  biasInitializer: tfl.initializers.randomNormal({ seed: seed++, stddev: 0.3 }),
});
const pointwise = () => ({
  ...depthwise(),
  pointwiseInitializer: tfl.initializers.glorotNormal({ seed: seed++ }),
});
const random = (low: number, high: number) =>
  tfl.initializers.randomUniform({ minval: low, maxval: high, seed: seed++ });
const conv = (rest: object = {}) =>
  layers.conv2d({ filters: 4, kernelSize: 3, activation: 'elu', ...init(), ...rest });
const activation = (name: string) => layers.activation({ activation: name as 'relu' });
const normalized = () =>
  layers.batchNormalization({
    gammaInitializer: random(0.5, 2),
    betaInitializer: random(-1, 1),
    movingMeanInitializer: random(-1, 1),
    movingVarianceInitializer: random(0.5, 2),
  });

/** Chains of layers on an 8×9×3 image (or another shape), each followed by what makes scores of it. */
const chains: Record<string, { layers: () => Layer[]; shape?: number[] }> = {
  Dense: { layers: () => [layers.flatten(), layers.dense({ units: 5, activation: 'tanh', ...init() })] },
  'Dense without bias, on a matrix': {
    layers: () => [layers.dense({ units: 5, useBias: false, ...init() })],
    shape: [6, 4],
  },
  'Conv2D, valid': { layers: () => [conv()] },
  'Conv2D, same, stride': { layers: () => [conv({ padding: 'same', strides: [2, 3], kernelSize: [2, 3] })] },
  'Conv2D, dilated': { layers: () => [conv({ dilationRate: 2 })] },
  Conv1D: {
    layers: () => [layers.conv1d({ filters: 4, kernelSize: 3, strides: 2, activation: 'elu', ...init() })],
    shape: [11, 3],
  },
  'Conv1D, same': {
    layers: () => [
      layers.conv1d({ filters: 4, kernelSize: 4, padding: 'same', ...init() }),
      activation('tanh'),
    ],
    shape: [11, 3],
  },
  DepthwiseConv2D: {
    layers: () => [
      layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same', ...depthwise() }),
    ],
  },
  'DepthwiseConv2D, stride': {
    layers: () => [layers.depthwiseConv2d({ kernelSize: 3, strides: 2, activation: 'elu', ...depthwise() })],
  },
  SeparableConv2D: {
    layers: () => [layers.separableConv2d({ filters: 5, kernelSize: 3, ...pointwise() })],
  },
  'Conv2DTranspose, same, stride': {
    layers: () => [
      layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same', ...init() }),
    ],
  },
  'Conv2DTranspose, valid, stride larger than the filter': {
    layers: () => [layers.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 3, ...init() })],
  },
  'Conv2DTranspose, valid': {
    layers: () => [layers.conv2dTranspose({ filters: 2, kernelSize: 3, ...init() })],
  },
  MaxPooling2D: { layers: () => [conv(), layers.maxPooling2d({ poolSize: 2 })] },
  'MaxPooling2D, same': { layers: () => [conv(), layers.maxPooling2d({ poolSize: 2, padding: 'same' })] },
  AveragePooling2D: { layers: () => [conv(), layers.averagePooling2d({ poolSize: 3, strides: 2 })] },
  'AveragePooling2D, same': {
    layers: () => [conv(), layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' })],
  },
  'pooling in one dimension': {
    layers: () => [
      layers.conv1d({ filters: 4, kernelSize: 3, ...init() }),
      layers.maxPooling1d({ poolSize: 2 }),
      layers.averagePooling1d({ poolSize: 2 }),
    ],
    shape: [14, 3],
  },
  GlobalAveragePooling2D: { layers: () => [conv(), layers.globalAveragePooling2d({})] },
  GlobalMaxPooling2D: { layers: () => [conv(), layers.globalMaxPooling2d({})] },
  'global pooling in one dimension': {
    layers: () => [
      layers.conv1d({ filters: 4, kernelSize: 3, ...init() }),
      layers.globalAveragePooling1d({}),
    ],
    shape: [14, 3],
  },
  BatchNormalization: { layers: () => [conv(), normalized()] },
  'BatchNormalization of a vector': {
    layers: () => [
      layers.flatten(),
      layers.dense({ units: 6, ...init() }),
      layers.batchNormalization({ movingVarianceInitializer: random(0.5, 2) }),
    ],
  },
  LayerNormalization: {
    layers: () => [
      conv(),
      layers.layerNormalization({ gammaInitializer: random(0.5, 2), betaInitializer: random(-1, 1) }),
    ],
  },
  ReLU: { layers: () => [conv(), layers.reLU({ maxValue: 0.7 })] },
  LeakyReLU: { layers: () => [conv(), layers.leakyReLU({ alpha: 0.2 })] },
  PReLU: {
    layers: () => [conv(), layers.prelu({ alphaInitializer: random(-0.5, 0.5), sharedAxes: [1, 2] })],
  },
  'PReLU with a slope each': {
    layers: () => [conv(), layers.prelu({ alphaInitializer: random(-0.5, 0.5) })],
  },
  ELU: { layers: () => [conv(), layers.elu({})] },
  'Softmax in the middle': { layers: () => [conv(), layers.softmax({ axis: -1 })] },
  ...Object.fromEntries(
    [
      'relu',
      'relu6',
      'sigmoid',
      'hardSigmoid',
      'tanh',
      'elu',
      'selu',
      'softplus',
      'softsign',
      'swish',
      'mish',
    ].map((name) => [
      `activation ${name}`,
      { layers: () => [conv({ activation: 'linear' }), activation(name)] },
    ]),
  ),
  'Dropout and noise': {
    layers: () => [
      conv(),
      layers.dropout({ rate: 0.5 }),
      layers.gaussianNoise({ stddev: 1 }),
      layers.gaussianDropout({ rate: 0.3 }),
    ],
  },
  'Flatten, Reshape, Permute': {
    layers: () => [
      conv(),
      layers.flatten(),
      layers.reshape({ targetShape: [6, 28] }),
      layers.permute({ dims: [2, 1] }),
    ],
  },
  'Permute of an image': {
    layers: () => [conv(), layers.permute({ dims: [3, 1, 2] }), conv({ kernelSize: 2 })],
  },
  ZeroPadding2D: {
    layers: () => [
      layers.zeroPadding2d({
        padding: [
          [1, 2],
          [0, 3],
        ],
      }),
      conv(),
    ],
  },
  Cropping2D: {
    layers: () => [
      conv(),
      layers.cropping2D({
        cropping: [
          [1, 0],
          [2, 1],
        ],
      }),
    ],
  },
  'UpSampling2D, nearest': { layers: () => [conv(), layers.upSampling2d({ size: [2, 3] })] },
  'UpSampling2D, bilinear': {
    layers: () => [conv(), layers.upSampling2d({ size: [2, 2], interpolation: 'bilinear' })],
  },
  'a model inside': {
    layers: () => [
      conv(),
      tfl.sequential({
        layers: [
          layers.conv2d({ inputShape: [6, 7, 4], filters: 3, kernelSize: 2, ...init() }),
          tfl.sequential({ layers: [layers.activation({ inputShape: [5, 6, 3], activation: 'tanh' })] }),
        ],
      }),
    ],
  },
};

/** Graphs that branch. */
const graphs: Record<string, (x: tfl.SymbolicTensor) => tfl.SymbolicTensor> = {
  Add: (x) => {
    const y = conv({ padding: 'same' }).apply(x) as tfl.SymbolicTensor;
    return layers
      .add()
      .apply([y, conv({ padding: 'same' }).apply(y) as tfl.SymbolicTensor]) as tfl.SymbolicTensor;
  },
  'Concatenate, channels': (x) =>
    layers
      .concatenate()
      .apply([x, conv({ padding: 'same' }).apply(x) as tfl.SymbolicTensor]) as tfl.SymbolicTensor,
  'Concatenate, rows': (x) => {
    const y = conv().apply(x) as tfl.SymbolicTensor;
    return layers
      .concatenate({ axis: 1 })
      .apply([
        y,
        layers.activation({ activation: 'tanh' }).apply(y) as tfl.SymbolicTensor,
      ]) as tfl.SymbolicTensor;
  },
  'Multiply (squeeze and excite)': (x) => {
    const y = conv().apply(x) as tfl.SymbolicTensor;
    const pooled = layers.globalAveragePooling2d({}).apply(y) as tfl.SymbolicTensor;
    const scale = layers.dense({ units: 4, activation: 'sigmoid', ...init() }).apply(pooled);
    const image = layers.reshape({ targetShape: [1, 1, 4] }).apply(scale) as tfl.SymbolicTensor;
    return layers.multiply().apply([y, image]) as tfl.SymbolicTensor;
  },
  'Average, Maximum, Minimum': (x) => {
    const [a, b, c] = [1, 2, 3].map(() => conv().apply(x) as tfl.SymbolicTensor);
    const parts = [
      layers.average().apply([a, b]),
      layers.maximum().apply([b, c]),
      layers.minimum().apply([a, c]),
    ];
    return layers.concatenate().apply(parts as tfl.SymbolicTensor[]) as tfl.SymbolicTensor;
  },
  'a layer used twice': (x) => {
    const shared = conv({ padding: 'same', filters: 3 });
    return shared.apply(shared.apply(x) as tfl.SymbolicTensor) as tfl.SymbolicTensor;
  },
};

const scores = (x: tfl.SymbolicTensor) => {
  const flat = (x.shape.length > 2 ? layers.flatten().apply(x) : x) as tfl.SymbolicTensor;
  return layers.dense({ units: 3, ...init() }).apply(flat) as tfl.SymbolicTensor;
};

/** Outputs, features and a gradient over all three, on all engines, to 1e-4 of their size. */
async function expectAgreement(model: tfl.LayersModel): Promise<void> {
  const path = await save(model);
  const shape = model.inputs[0].shape.slice(1) as number[];
  const stream = new Stream('lowering', ...shape);
  const n = 3;
  const size = n * shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: size }, () => stream.uniform(0, 1));
  const results = [];
  for (const name of ['onnx:cpu', 'tfjs:wasm', 'tfjs:cpu']) {
    const loaded = await (await openEngine(name)).load({ path, output: 'auto' });
    expect(loaded.engine, loaded.notes.join()).toBe(name);
    const x = tf.tensor(values, [n, ...shape]);
    const plain = await loaded.predict(x);
    const { value, gradient, output } = await loaded.differentiate(x, (given) => {
      const each = (t: tf.Tensor) => tf.sum(tf.square(tf.reshape(t, [n, -1])), 1) as tf.Tensor1D;
      const sum = each(given.output);
      return given.features
        ? tf.add(sum, tf.add(each(given.features), tf.mul(each(given.preactivation!), 0.5)))
        : sum;
    });
    const features = loaded.convolution ? await loaded.features(x) : {};
    const tensors: Record<string, tf.Tensor> = { plain, output, value, gradient, ...features };
    const arrays = await Promise.all(
      Object.entries(tensors).map(async ([key, t]) => [key, t.shape.join(), await t.data()] as const),
    );
    results.push(arrays);
    loaded.dispose();
  }
  const [found, ...others] = results;
  for (const expected of others) {
    expect(found.map(([key, dims]) => [key, dims])).toEqual(expected.map(([key, dims]) => [key, dims]));
    found.forEach(([key, , data], i) => {
      const other = expected[i][2];
      const scale = Math.max(1e-3, ...Array.from(other, Math.abs));
      const worst = Math.max(...Array.from(data, (v, k) => Math.abs(v - other[k]))) / scale;
      expect(worst, key).toBeLessThan(1e-4);
    });
  }
}

describe('lowered to ONNX, TensorFlow.js and ONNX Runtime agree on', () => {
  beforeAll(async () => {
    await openEngine('tfjs:wasm');
  });

  it.each(Object.entries(chains))('%s', async (_, { layers: make, shape = [8, 9, 3] }) => {
    const input = tfl.input({ shape });
    const last = make().reduce((x, layer) => layer.apply(x) as tfl.SymbolicTensor, input);
    await expectAgreement(tfl.model({ inputs: input, outputs: scores(last) }));
  });

  it.each(Object.entries(graphs))('%s', async (_, make) => {
    const input = tfl.input({ shape: [8, 9, 3] });
    await expectAgreement(tfl.model({ inputs: input, outputs: scores(make(input)) }));
  });
});

describe('what ONNX has no counterpart for', () => {
  it('runs on TensorFlow.js, and the notes say which layer it was', async () => {
    const model = tfl.sequential({
      layers: [layers.repeatVector({ inputShape: [6], n: 2 }), layers.flatten(), layers.dense({ units: 3 })],
    });
    const loaded = await (await openEngine('onnx:cpu')).load({ path: await save(model), output: 'auto' });
    expect(loaded.engine).toBe('tfjs:wasm');
    expect(loaded.notes.join()).toMatch(
      /no counterpart here for the layer "repeat_vector.*" \(RepeatVector\): the model runs on tfjs:wasm/,
    );
  });
});
