import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { misclassified, Stream } from '@gauntlet/api';
import { CountedVictim, newLedger, openEngine, openVictim, type VictimConfig } from '@gauntlet/core';
import { type Builder, type Dim, type Graph, serializeModel, writeModel } from '@gauntlet/onnx-gradient';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { input, onnxGraph, writeOnnx } from '../../../test/support/onnx-file.js';

const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-onnx-'));
let next = 0;

const config = (model: string, rest: Partial<VictimConfig> = {}): VictimConfig => ({
  name: 'v',
  model,
  kind: 'classifier',
  bounds: [0, 1],
  engine: 'onnx:cpu',
  output: 'auto',
  preprocess: {},
  ...rest,
});
const image: [number, number, number] = [6, 5, 3];
const open = (model: string, rest: Partial<VictimConfig> = {}, shape = image) =>
  openVictim(config(model, rest), shape);
const complaint = async (model: string, rest: Partial<VictimConfig> = {}, shape = image) =>
  open(model, rest, shape).then(
    () => 'no complaint',
    (error: Error) => error.message,
  );

const save = (dims: readonly Dim[], build: (g: Builder) => string, opset = 18, producer?: string) =>
  writeOnnx(path.join(folder, `model-${next++}.onnx`), input(...dims), build, { opset, producer });
const weights = (g: Builder, dims: number[], seed = 1) => {
  const stream = new Stream('onnx-file', seed, ...dims);
  const count = dims.reduce((a, b) => a * b, 1);
  return g.filled(
    'float32',
    dims,
    Float32Array.from({ length: count }, () => stream.normal() / 3),
  );
};
/** A small network as PyTorch exports it: channels first. */
const network = (g: Builder, x = 'input', flat: readonly number[] = [-1, 48]) => {
  const features = g.op('Tanh', [g.op('Conv', [x, weights(g, [4, 3, 3, 3]), weights(g, [4])])]);
  return g.op('Gemm', [g.op('Reshape', [features, g.ints(flat)]), weights(g, [48, 4]), weights(g, [4])]);
};
const pixels = (n: number, [h, w, c] = image) => {
  const stream = new Stream('pixels', n);
  return tf.tensor4d(
    Float32Array.from({ length: n * h * w * c }, () => stream.uniform(0, 1)),
    [n, h, w, c],
  );
};
const logits = async (model: string, rest: Partial<VictimConfig> = {}) =>
  (await (await open(model, rest)).victim.predict(pixels(3))).logits.array();

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

describe('an .onnx file', () => {
  it('with channels first gives logits, features with channels last, and the right gradient', async () => {
    const { victim, info } = await open(save(['batch', 3, 6, 5], (g) => network(g)));
    expect(info.engine).toBe('onnx:cpu');
    expect(info.classes).toBe(4);
    expect(info.featureSource).toEqual({ kind: 'convolution', layer: 'Conv#2' });
    const x = pixels(3);
    const { features, preactivation } = await victim.features(x);
    expect(features.shape).toEqual([3, 4, 3, 4]);
    const apart = await tf.max(tf.abs(tf.sub(features, tf.tanh(preactivation)))).data();
    expect(apart[0]).toBeLessThan(1e-6);
    const goal = misclassified(Int32Array.of(0, 1, 2));
    const { gradient } = await victim.differentiate(x, (outputs) => goal.value(outputs));
    const direction = tf.sub(pixels(3), 0.4) as tf.Tensor4D;
    const at = async (step: number) =>
      goal.value(await victim.predict(tf.add(x, tf.mul(direction, step)))).data();
    const [up, down] = [await at(1e-2), await at(-1e-2)];
    const slope = await tf.sum(tf.reshape(tf.mul(gradient, direction), [3, -1]), 1).data();
    slope.forEach((value, i) => expect(value).toBeCloseTo((up[i] - down[i]) / 2e-2, 3));
  });

  it('is the same model with channels last, in the form of a transposition at the start', async () => {
    const first = await logits(save(['batch', 3, 6, 5], (g) => network(g)));
    const last = await logits(
      save(['batch', 6, 5, 3], (g) => network(g, g.transpose('input', [0, 3, 1, 2]))),
    );
    expect(last).toEqual(first);
  });

  it('takes sizes that the model leaves open from the images', async () => {
    const fixed = await logits(save(['batch', 3, 6, 5], (g) => network(g)));
    expect(await logits(save(['batch', 3, 'height', 'width'], (g) => network(g)))).toEqual(fixed);
  });

  describe('with flat inputs of several channels', () => {
    const dense = (producer?: string) =>
      save(['batch', 90], (g) => g.op('Gemm', ['input', weights(g, [90, 4]), weights(g, [4])]), 18, producer);
    /** What the model gives for images that are flattened here. */
    const flattened = async (order: number[]) => {
      const flat = tf.reshape(tf.transpose(pixels(3), order), [3, 1, 1, 90]) as tf.Tensor4D;
      const { victim } = await open(dense('tf2onnx'), {}, [1, 90, 1]);
      return (await victim.predict(tf.reshape(flat, [3, 1, 90, 1]))).logits.array();
    };
    const [byChannel, byPixel] = [
      [0, 3, 1, 2],
      [0, 1, 2, 3],
    ];

    it('takes the order of the framework that the file is from, and says so', async () => {
      expect(await logits(dense('pytorch'))).toEqual(await flattened(byChannel));
      expect(await logits(dense('tf2onnx'))).toEqual(await flattened(byPixel));
      expect((await open(dense('pytorch'))).info.notes.join()).toMatch(/channel by channel .*the file tells/);
    });

    it('takes the order of a reshape to images', async () => {
      const model = save(['batch', 90], (g) => network(g, g.op('Reshape', ['input', g.ints([-1, 3, 6, 5])])));
      expect(await logits(model)).toEqual(await logits(save(['batch', 3, 6, 5], (g) => network(g))));
    });

    it('is refused where nothing tells, and takes what the spec says', async () => {
      expect(await complaint(dense())).toMatch(
        /does not tell in which order. Write preprocess: \{ layout: nchw/,
      );
      expect(await logits(dense(), { preprocess: { layout: 'nchw' } })).toEqual(await flattened(byChannel));
      expect(await logits(dense('pytorch'), { preprocess: { layout: 'nhwc' } })).toEqual(
        await flattened(byPixel),
      );
      const image = save(['batch', 3, 6, 5], (g) => network(g));
      expect(await complaint(image, { preprocess: { layout: 'nchw' } })).toMatch(
        /order of flat inputs alone. Take "preprocess: \{ layout: nchw \}" out/,
      );
    });

    it('gives reconstructions in the order that it takes images in', async () => {
      const twice = (g: Builder) => g.mul(g.op('Flatten', ['input']), g.scalar(2, 'float32'));
      for (const model of [save(['batch', 90], twice, 18, 'pytorch'), save(['batch', 3, 6, 5], twice)]) {
        const { victim } = await open(model, { kind: 'autoencoder' });
        const { reconstruction } = await victim.predict(pixels(2));
        expect(await reconstruction.data()).toEqual(await tf.mul(pixels(2), 2).data());
      }
    });

    it('has its gradient in the order of the image', async () => {
      for (const preprocess of [{ layout: 'nchw', std: [0.2, 0.5, 2] }, { layout: 'nhwc' }] as const) {
        const { victim } = await open(dense(), { preprocess });
        const x = pixels(2);
        const [label, other] = [
          Int32Array.of(0, 1),
          tf.tensor4d([...(await pixels(2).data())].reverse(), x.shape),
        ];
        const goal = misclassified(label);
        const { gradient } = await victim.differentiate(x, (outputs) => goal.value(outputs));
        const at = async (step: number) =>
          goal.value(await victim.predict(tf.add(x, tf.mul(other, step)))).data();
        const [up, down] = [await at(1e-3), await at(-1e-3)];
        const slope = await tf.sum(tf.reshape(tf.mul(gradient, other), [2, -1]), 1).data();
        slope.forEach((value, i) => expect(value).toBeCloseTo((up[i] - down[i]) / 2e-3, 1));
      }
    });
  });

  it('that was exported for one image takes any number of them', async () => {
    const free = await logits(save(['batch', 3, 6, 5], (g) => network(g)));
    const model = save([1, 3, 6, 5], (g) => network(g, 'input', [1, 48]));
    expect(await logits(model)).toEqual(free);
    expect((await open(model)).info.notes.join()).not.toContain('loop');
  });

  it('that was exported for one image is the same function for many, or stays as it is', async () => {
    // As MobileViT unfolds patches: [1, c, 6, 5] as [4, c / 4, 3, 10]. Another axis than the batch has its size, too.
    const unfolded = (g: Builder, batch: number) => {
      const parts = g.op('Reshape', ['input', g.ints([batch, 1, 3, -1])]);
      const turned = g.transpose(
        g.op('Reshape', [g.transpose(parts, [0, 3, 2, 1]), g.ints([1, 5, 6, -1])]),
        [0, 3, 2, 1],
      );
      return network(g, g.op('Reshape', [turned, g.ints([batch, 3, 6, 5])]), [batch, 48]);
    };
    const { victim, info } = await open(save([1, 3, 6, 5], (g) => unfolded(g, 1)));
    const free = (await open(save(['batch', 3, 6, 5], (g) => unfoldedFree(g)))).victim;
    function unfoldedFree(g: Builder) {
      const parts = g.op('Reshape', ['input', g.ints([-1, 1, 3, 30])]);
      const turned = g.transpose(
        g.op('Reshape', [g.transpose(parts, [0, 3, 2, 1]), g.ints([-1, 5, 6, 3])]),
        [0, 3, 2, 1],
      );
      return network(g, g.op('Reshape', [turned, g.ints([-1, 3, 6, 5])]), [-1, 48]);
    }
    expect(info.notes.join()).not.toContain('loop');
    const x = pixels(4);
    expect(await (await victim.predict(x)).logits.array()).toEqual(
      await (await free.predict(x)).logits.array(),
    );
  });

  it('for one image with a constant token before the patches takes any number of them', async () => {
    const tokens = (g: Builder, batch: number) => {
      const patches = g.op('Reshape', ['input', g.ints([batch, 3, 30])]);
      const all = g.op('Concat', [weights(g, [1, 1, 30]), patches], { axis: 1 });
      const first = g.op('Gather', [all, g.scalar(0, 'int64')], { axis: 1 });
      const sum = g.op('ReduceSum', [all, g.ints([1])], { keepdims: 0 });
      return g.op('Gemm', [g.add(first, sum), weights(g, [30, 4])]);
    };
    const { victim, info } = await open(save([1, 3, 6, 5], (g) => tokens(g, 1)));
    expect(info.notes.join()).not.toContain('loop');
    const x = pixels(3);
    const all = (await (await victim.predict(x)).logits.array()) as number[][];
    const second = tf.slice(x, [1, 0, 0, 0], [1, -1, -1, -1]);
    const [alone] = (await (await victim.predict(second)).logits.array()) as number[][];
    alone.forEach((value, i) => expect(all[1][i]).toBeCloseTo(value, 5));
  });

  it('takes sizes that only running tells from a probe', async () => {
    // The width of a pooled map, computed from the input's as a float: 5 · 0.6.
    const resized = (g: Builder) => {
      const width = g.cast(g.op('Gather', [g.shape('input'), g.ints([3])]), 'float32');
      const target = g.cast(g.op('Floor', [g.mul(width, g.scalar(0.6, 'float32'))]), 'int64');
      const start = g.op('Concat', [g.ints([0]), target], { axis: 0 });
      const end = g.op('Concat', [g.ints([6]), g.ints([5])], { axis: 0 });
      const part = g.op('Slice', ['input', start, end, g.ints([2, 3])]);
      return g.op('Gemm', [g.op('Flatten', [part]), weights(g, [36, 4])]);
    };
    const { victim } = await open(save(['batch', 3, 6, 5], resized));
    const { gradient } = await victim.differentiate(pixels(2), ({ logits }) => tf.sum(logits, 1));
    const zero = await tf.max(tf.abs(tf.slice(gradient, [0, 0, 0, 0], [2, 6, 3, 3]))).data();
    const rest = await tf.max(tf.abs(gradient)).data();
    expect(zero[0]).toBe(0);
    expect(rest[0]).toBeGreaterThan(0);
  });

  it('that gives a map of classes is refused as a segmentation', async () => {
    const model = save(['batch', 3, 6, 5], (g) => g.op('Conv', ['input', weights(g, [4, 3, 3, 3])]));
    expect(await complaint(model)).toMatch(
      /gives \[4, 4, 3\] numbers per image, a class for each position.*segmentation.*average/s,
    );
  });

  it('whose batch cannot be freed runs in a loop and says so, with the same gradients', async () => {
    // A constant is as long as the batch.
    const stuck = (g: Builder) =>
      network(g, g.add('input', g.filled('float32', [2, 3, 6, 5], new Float32Array(180))), [2, 48]);
    const { victim, info } = await open(save([2, 3, 6, 5], stuck));
    expect(info.notes.join()).toMatch(
      /takes 2 images at a time.*loop, slowly\. Export it with a dynamic batch/,
    );
    const plain = (await open(save(['batch', 3, 6, 5], (g) => network(g)))).victim;
    const x = pixels(5);
    const goal = misclassified(Int32Array.of(0, 1, 2, 3, 0));
    for (const [a, b] of [
      [(await victim.predict(x)).logits, (await plain.predict(x)).logits],
      [
        (await victim.differentiate(x, (o) => goal.value(o))).gradient,
        (await plain.differentiate(x, (o) => goal.value(o))).gradient,
      ],
    ]) {
      const difference = await tf.max(tf.abs(tf.sub(a, b))).data();
      expect(difference[0]).toBeLessThan(1e-5);
    }
  });

  it('ending in a softmax gives the logits before it', async () => {
    const plain = await logits(save(['batch', 3, 6, 5], (g) => network(g)));
    const model = save(['batch', 3, 6, 5], (g) => g.op('Softmax', [network(g)], { axis: 1 }), 13);
    expect(await logits(model)).toEqual(plain);
    expect((await open(model)).info.outputScale).toBe('logits');
  });

  describe('with one number per image', () => {
    const one = (g: Builder, after: (g: Builder, z: string) => string = (_, z) => z) => {
      const features = g.op('Tanh', [g.op('Conv', ['input', weights(g, [4, 3, 3, 3]), weights(g, [4])])]);
      return after(g, g.op('Gemm', [g.op('Flatten', [features]), weights(g, [48, 1])]));
    };
    const sigmoid = (g: Builder, z: string) => g.op('Sigmoid', [z]);
    const flat = (g: Builder, z: string) => g.op('Squeeze', [z, g.ints([1])]);
    const logit = { output: 'logits' } as const;

    it('is a binary classifier, in all forms with the same logits', async () => {
      const expected = await logits(
        save(['batch', 3, 6, 5], (g) => one(g)),
        logit,
      );
      expect(expected.every(([zero]) => zero === 0)).toBe(true);
      const forms: [Partial<VictimConfig>, (g: Builder, z: string) => string][] = [
        [logit, flat],
        [{}, sigmoid],
        [{}, (g, z) => flat(g, sigmoid(g, z))],
        [{}, (g, z) => sigmoid(g, flat(g, z))],
      ];
      for (const [rest, after] of forms)
        expect(
          await logits(
            save(['batch', 3, 6, 5], (g) => one(g, after)),
            rest,
          ),
        ).toEqual(expected);
    });

    it('has the gradient of a loss of labels', async () => {
      const { victim } = await open(save(['batch', 3, 6, 5], (g) => one(g, sigmoid)));
      const aim = Int32Array.of(0, 1, 0);
      const entropy = ({ logits }: { logits: tf.Tensor2D }): tf.Tensor1D =>
        tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(tf.tensor1d(aim, 'int32'), 2)), 1));
      const labelLoss = { name: 'ce', aim, sign: 1 } as const;
      const x = pixels(3);
      const { gradient } = await victim.differentiate(x, Object.assign(entropy.bind(null), { labelLoss }));
      const at = async (step: number) =>
        entropy(await victim.predict(tf.add(x, tf.mul(gradient, step)))).data();
      const [up, down] = [await at(1e-2), await at(-1e-2)];
      const slope = await tf.sum(tf.reshape(tf.square(gradient), [3, -1]), 1).data();
      slope.forEach((value, i) => expect(value).toBeCloseTo((up[i] - down[i]) / 2e-2, 3));
    });

    it('is refused as multi-label where there is one for each class', async () => {
      const several = save(['batch', 3, 6, 5], (g) => g.op('Sigmoid', [network(g)]));
      expect(await complaint(several)).toMatch(/\(multi-label\).* output: probabilities/);
      const same = await logits(save(['batch', 3, 6, 5], (g) => network(g)));
      expect(await logits(several, { output: 'probabilities' })).toEqual(same);
    });
  });

  it('without a convolution has patches for features', async () => {
    const { info } = await open(
      save(['batch', 90], (g) => g.op('Gemm', ['input', weights(g, [90, 4])]), 18, 'pytorch'),
    );
    expect(info.featureSource).toEqual({ kind: 'patches' });
  });

  it('can be an autoencoder with channels first', async () => {
    const model = save(['batch', 3, 6, 5], (g) =>
      g.op('Sigmoid', [g.op('Conv', ['input', weights(g, [3, 3, 3, 3])], { pads: [1, 1, 1, 1] })]),
    );
    const { victim } = await open(model, { kind: 'autoencoder' });
    const { reconstruction } = await victim.predict(pixels(2));
    const { preactivation } = await victim.features(pixels(2));
    expect(reconstruction.shape).toEqual([2, 6, 5, 3]);
    const difference = await tf.max(tf.abs(tf.sub(reconstruction, tf.sigmoid(preactivation)))).data();
    expect(difference[0]).toBeLessThan(1e-6);
  });

  it('with an operator that has no gradient predicts, and names the operator when a gradient is asked for', async () => {
    const steps = (g: Builder) =>
      g.div(g.op('Round', [g.mul('input', g.scalar(255, 'float32'))]), g.scalar(255, 'float32'));
    const { victim } = await open(save(['batch', 3, 6, 5], (g) => network(g, steps(g))));
    expect((await victim.predict(pixels(2))).logits.shape).toEqual([2, 4]);
    const attempt = victim.differentiate(pixels(2), ({ logits }) => tf.sum(logits, 1));
    await expect(attempt).rejects.toThrow(
      /Round "Round#\d+" is a step.*"gradients: { straightThrough: true }" passes gradients through Round.*gradients: estimated/s,
    );
  });

  it('estimates gradients from forward passes that point the way the exact ones do', async () => {
    const { victim } = await open(save(['batch', 3, 6, 5], (g) => network(g)));
    const goal = misclassified(Int32Array.of(0, 1, 2));
    const objective = (o: { logits: tf.Tensor2D; features: tf.Tensor4D }) =>
      tf.add(goal.value(o), tf.mul(tf.sum(tf.reshape(o.features, [3, -1]), 1), 0.1)) as tf.Tensor1D;
    const ledger = newLedger(3);
    const streams = [1, 2, 3].map((i) => new Stream('nes', i));
    const estimating = new CountedVictim(victim, ledger, { streams });
    const [exact, estimate] = [
      await victim.differentiate(pixels(3), objective),
      await estimating.differentiate(pixels(3), objective),
    ];
    const flat = (t: tf.Tensor) => tf.reshape(t, [3, -1]);
    const cosine = tf.div(
      tf.sum(tf.mul(flat(exact.gradient), flat(estimate.gradient)), 1),
      tf.mul(tf.norm(flat(exact.gradient), 2, 1), tf.norm(flat(estimate.gradient), 2, 1)),
    );
    // 25 pairs in 90 dimensions: √(25 / 115) = 0.47 on average.
    for (const value of (await cosine.data()) as Float32Array) expect(value).toBeGreaterThan(0.25);
    expect(await estimate.value.data()).toEqual(await exact.value.data());
    expect([...ledger.forwards]).toEqual([51, 51, 51]);
    expect([...ledger.gradients]).toEqual([0, 0, 0]);
  });
});

describe('a hostile or broken .onnx file', () => {
  const bytes = (write: (g: Builder) => string, change: (graph: Graph) => Graph = (graph) => graph) => {
    const file = path.join(folder, `bad-${next++}.onnx`);
    const whole = serializeModel(change(onnxGraph(input('n', 3, 6, 5), write)));
    writeFileSync(file, whole);
    return { file, whole };
  };

  it('cut off anywhere', async () => {
    const { file, whole } = bytes((g) => network(g));
    for (const part of [0, 1, 0.5, 0.99]) {
      writeFileSync(file, whole.subarray(0, Math.floor(whole.length * (part === 1 ? 0.1 : part))));
      expect(await complaint(file)).toMatch(
        /is empty|no ONNX model|needs \d+ (bytes|values)|which nothing makes/,
      );
    }
  });

  it('with a cycle', async () => {
    const { file } = bytes((g) => {
      g.node('Add', ['input', 'b'], ['a']);
      g.node('Relu', ['a'], ['b']);
      return 'b';
    });
    expect(await complaint(file)).toMatch(/has a cycle through Add "a"/);
  });

  it('with a dimension of 2⁴⁰ in a weight, or in its input', async () => {
    const weight = (dims: number[]) => {
      const huge = { type: 'float32' as const, dims, bytes: () => new Uint8Array(16) };
      return bytes(network, (graph) => ({
        ...graph,
        constants: new Map([...graph.constants, ['huge', huge]]),
      })).file;
    };
    expect(await complaint(weight([2 ** 28, 1]))).toMatch(
      /"huge" of shape \[268435456, 1\] needs 1073741824 bytes and has 16/,
    );
    expect(await complaint(weight([2 ** 41, 0]))).toMatch(/"huge" has the dimension 2199023255552/);
    const wide = bytes(network, (graph) => ({
      ...graph,
      inputs: [{ ...graph.inputs[0], dims: ['n', 3, 2 ** 40, 5] }],
    }));
    expect(await complaint(wide.file)).toMatch(
      /takes inputs of shape \[1099511627776, 5, 3\], the dataset gives/,
    );
    const shape = bytes((g) => g.add(network(g), g.op('ConstantOfShape', [g.ints([2 ** 40])])));
    expect(await complaint(shape.file)).toMatch(/ONNX Runtime cannot run|cannot/);
  });

  it('with a convolution of float64, which ONNX Runtime lacks', async () => {
    const { file } = bytes(
      (g) =>
        g.op('ReduceSum', [
          g.op('Conv', ['input', g.filled('float64', [2, 3, 3, 3], new Float64Array(54).fill(0.1))]),
          g.ints([2, 3]),
        ]),
      (graph) => ({
        ...graph,
        inputs: graph.inputs.map((input) => ({ ...input, type: 'float64' })),
        outputs: graph.outputs.map((output) => ({ ...output, type: 'float64' })),
      }),
    );
    expect(await complaint(file)).toMatch(
      /has no Conv of float64: export the model in float32.*model\.float\(\)/,
    );
  });

  it('in training mode, by its name', async () => {
    const file = save(['batch', 3, 6, 5], (g) => {
      const half = g.scalar(0.5, 'float32');
      const dropped = g.op('Dropout', ['input', half, g.filled('bool', [], [1])]);
      return g.op('MatMul', [g.op('Flatten', [dropped]), weights(g, [90, 4])]);
    });
    expect(await complaint(file)).toMatch(
      /model-\d+\.onnx: Dropout .* is in training mode; export the model for inference \(in PyTorch/,
    );
  });

  it('that ONNX Runtime refuses: with what to do', async () => {
    const { file } = bytes((g) => g.op('Concat', ['input', g.filled('float32', [1], [1])], { axis: 0 }));
    expect(await complaint(file)).toMatch(
      /ONNX Runtime cannot run .*\. If onnxruntime opens.*"gradients: estimated"/,
    );
  });

  it('with weights outside its folder, by a path or a link', async () => {
    const file = path.join(folder, 'external.onnx');
    const made = onnxGraph(input('n', 400), (g) => g.op('Gemm', ['input', weights(g, [400, 4])]));
    writeModel(made, file, { inline: 0 });
    expect(await complaint(file, {}, [20, 20, 1])).toBe('no complaint');
    const text = readFileSync(file);
    const point = (to: string) => {
      const from = 'external.onnx.data';
      const target = path.join(folder, `external-${next++}.onnx`);
      writeFileSync(target, replaceSameLength(text, from, to));
      return target;
    };
    expect(await complaint(point('../../../etc/hosts'))).toMatch(
      /names external data outside the model's folder/,
    );
    expect(await complaint(point('/etc/passwd.......'))).toMatch(/names external data by an absolute path/);
    symlinkSync('/etc/hostname', path.join(folder, 'linked.onnx.data.x'));
    expect(await complaint(point('linked.onnx.data.x'))).toMatch(
      /names external data that leads outside the model's folder/,
    );
    writeFileSync(`${file}.data`, new Uint8Array(100));
    expect(await complaint(file)).toMatch(/needs bytes 0 to 6400 of "external.onnx.data", which has 100/);
  });

  it('that is a chain of 10,000 operations is refused at once; one of 2,000 works', async () => {
    const chain = (length: number) =>
      bytes((g) => {
        let x = 'input';
        for (let i = 0; i < length; i++) x = g.op('Tanh', [x]);
        return network(g, x);
      }).file;
    const started = performance.now();
    expect(await complaint(chain(10_000))).toMatch(/has 10004 operations; up to 5000 can be differentiated/);
    expect(performance.now() - started).toBeLessThan(10_000);
    const { victim } = await open(chain(2000));
    const { gradient } = await victim.differentiate(pixels(1), ({ logits }) => tf.sum(logits, 1));
    expect(gradient.shape).toEqual([1, 6, 5, 3]);
  });

  it('with NaN among its weights', async () => {
    const { file } = bytes((g) => g.add(network(g), g.filled('float32', [4], [1, 2, NaN, 3])));
    expect(await complaint(file)).toMatch(/The weight "constant#\d+" of .* is NaN at position 2/);
  });

  it('of another opset, with several inputs, with truth values, or of another shape', async () => {
    expect(await complaint(save(['n', 3, 6, 5], (g) => network(g), 8))).toMatch(
      /opset 8; 9 to 26 are supported/,
    );
    const two = bytes(network, (graph) => ({
      ...graph,
      inputs: [...graph.inputs, { name: 'mask', type: 'float32', dims: [1] }],
    }));
    expect(await complaint(two.file)).toMatch(
      /has the inputs "input" .*, "mask" \(float32 \[1\]\): one of them is attacked/,
    );
    const truths = bytes(network, (graph) => ({
      ...graph,
      inputs: [{ ...graph.inputs[0], type: 'bool' }],
    }));
    expect(await complaint(truths.file)).toMatch(/"input" of .* is of type bool; a victim takes numbers/);
    expect(await complaint(save(['n', 1, 28, 28], (g) => network(g)))).toMatch(
      /takes inputs of shape \[28, 28, 1\], the dataset gives \[6, 5, 3\]/,
    );
    expect(await complaint(path.join(folder, 'none.onnx'))).toMatch(/There is no model at/);
    expect(
      await complaint(
        save(['n', 3, 6, 5], (g) => network(g)),
        { engine: 'tfjs:wasm' },
      ),
    ).toMatch(/is an ONNX model, which tfjs:wasm cannot run. Use --engine onnx/);
    expect(
      await complaint(
        save(['n', 3, 6, 5], (g) => network(g)),
        { features: 'conv9' },
      ),
    ).toMatch(/has no node or value "conv9" to take features from/);
  });
});

function replaceSameLength(bytes: Buffer, from: string, to: string): Buffer {
  const copy = Buffer.from(bytes);
  expect(to.length).toBe(from.length);
  copy.write(to, copy.indexOf(from), 'latin1');
  return copy;
}

it.each(['batch', 1])(
  'asks a dynamically quantised model (batch: %s) about one image at a time, whose answer would depend on the others',
  async (batch) => {
    const whole = Int8Array.from({ length: 90 * 4 }, (_, i) => ((i * 37) % 200) - 100);
    const file = save([batch, 3, 6, 5], (g) => {
      g.node('DynamicQuantizeLinear', [g.op('Flatten', ['input'])], ['q', 'scale', 'point']);
      const sums = g.op('MatMulInteger', ['q', g.filled('int8', [90, 4], whole), 'point']);
      return g.mul(
        g.op('Cast', [sums], { to: 1 }),
        g.mul('scale', g.filled('float32', [], Float32Array.of(0.01))),
      );
    });
    const { victim, info } = await open(file, { straightThrough: true });
    expect(info.notes.join(' ')).toMatch(/dynamically quantised.*one image at a time/);
    const x = pixels(3);
    // The second image is dark: beside the others it would have a range that is not its own.
    const mixed = tf.mul(x, tf.tensor4d([1, 0.05, 0.9], [3, 1, 1, 1])) as tf.Tensor4D;
    const together = (await (await victim.predict(mixed)).logits.array())[1];
    const alone = (await (await victim.predict(tf.slice(mixed, [1], [1]))).logits.array())[0];
    expect(together).toEqual(alone);
    const margin = misclassified(Int32Array.of(0, 1, 2));
    const { gradient } = await victim.differentiate(mixed, (outputs) => margin.value(outputs));
    expect(Math.max(...tf.abs(gradient).dataSync())).toBeGreaterThan(0);
  },
);
