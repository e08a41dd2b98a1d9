// Files with several inputs and outputs, whole numbers and labels.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine, ModelSource } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';
import { saveModel } from '@gauntlet/zoo';
import {
  type AttributeInput,
  Attributes,
  Builder,
  type ElementType,
  type Value,
  writeModel,
} from '@gauntlet/onnx-gradient';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('onnx:cpu');
});
const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-several-'));
let next = 0;

const value = (name: string, type: ElementType, dims: (string | number)[]): Value => ({ name, type, dims });
const image = (type: ElementType = 'float32') => value('x', type, ['n', 2, 2, 1]);
const weights = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i));

function write(inputs: Value[], build: (g: Builder) => Value[]): string {
  const g = new Builder(inputs.map(({ name }) => name));
  const outputs = build(g);
  const file = path.join(folder, `${next++}.onnx`);
  const domains = new Map([['ai.onnx.ml', 1]]);
  writeModel(
    { opset: 18, domains, inputs, outputs, nodes: g.nodes, constants: g.constants, stated: new Map() },
    file,
  );
  return file;
}
/** [n, 3] scores of a flat image. */
const scores = (g: Builder, x: string) =>
  g.op('MatMul', [g.op('Flatten', [x]), g.filled('float32', [4, 3], weights)]);
const named = (g: Builder, from: string, name: string) => (g.node('Identity', [from], [name]), name);

const load = (file: string, rest: Partial<ModelSource> = {}) =>
  engine.load({ path: file, output: 'auto', imageShape: [2, 2, 1], ...rest });
const complaint = (file: string, rest?: Partial<ModelSource>) =>
  load(file, rest).then(
    () => 'no complaint',
    (error: Error) => `${error.name}: ${error.message}`,
  );
const x = () => tf.tensor4d([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], [2, 2, 2, 1]);
/** x · w, as the model computes it. */
const expected = async (of: tf.Tensor, scale = 1): Promise<number[][]> =>
  (tf.mul(tf.matMul(tf.reshape(of, [-1, 4]), tf.tensor2d(weights, [4, 3])), scale) as tf.Tensor2D).array();
const close = (found: unknown, wanted: unknown) =>
  expect((found as number[][]).flat()).toEqual(
    (wanted as number[][]).flat().map((each) => expect.closeTo(each, 4) as number),
  );

describe('several outputs', () => {
  const file = () =>
    write([image()], (g) => {
      const z = named(g, scores(g, 'x'), 'logits');
      g.node('Softmax', [z], ['shares'], { axis: 1 });
      g.node('ArgMax', [z], ['label'], { axis: 1, keepdims: 0 });
      return [
        value('label', 'int64', ['n']),
        value('shares', 'float32', ['n', 3]),
        value('logits', 'float32', ['n', 3]),
      ];
    });

  it('one of them is named, or has the name of what it is', async () => {
    expect(await complaint(file())).toMatch(
      /has the outputs "label" \(int64 \[n\]\), "shares" .*Write which of them is meant: output: shares\./,
    );
    const wanted = await expected(x());
    for (const rest of [{ outputName: 'logits' }, { output: 'logits' }, { outputName: 'shares' }] as const) {
      const model = await load(file(), rest);
      close(await (await model.predict(x())).array(), wanted);
      expect(model.softmaxRemoved).toBe('outputName' in rest && rest.outputName === 'shares');
    }
    expect(await complaint(file(), { outputName: 'logit' })).toMatch(
      /no output "logit"\. Did you mean "logits"\? It has label, shares, logits/,
    );
    expect(await complaint(file(), { outputName: 'label' })).toMatch(
      /"label" of .* is of type int64.*output: \{ is: labels, classes: N \}/,
    );
  });

  it('the labels are taken where the spec says so, and have no gradient', async () => {
    const model = await load(file(), { labels: 3 });
    const best = tf.argMax(tf.tensor2d(await expected(x()), [2, 3]), 1);
    close(await (await model.predict(x())).array(), await tf.oneHot(best, 3).array());
    await expect(
      model.differentiate(x(), ({ output }) => tf.sum(tf.reshape(output, [2, -1]), 1)),
    ).rejects.toThrow(/labels alone, which have no gradient\. Attack it with hop-skip-jump/);
    expect(await complaint(file(), { outputName: 'shares', labels: 3 })).toMatch(/labels are whole numbers/);
  });

  it('probabilities of ONNX-ML beside labels are taken without a word', async () => {
    const model = await load(
      write([value('x', 'float32', ['n', 4])], (g) => {
        g.nodes.push({
          op: 'LinearClassifier',
          name: 'classifier',
          domain: 'ai.onnx.ml',
          inputs: ['x'],
          outputs: ['label', 'shares'],
          attributes: Attributes.of({
            classlabels_ints: [0, 1, 2],
            coefficients: { floats: [0, 1, 2].flatMap((c) => [0, 1, 2, 3].map((d) => weights[3 * d + c])) },
            intercepts: { floats: [0, 0, 0] },
            post_transform: 'SOFTMAX',
          }),
        });
        return [value('label', 'int64', ['n']), value('shares', 'float32', ['n', 3])];
      }),
    );
    const found = await model.predict(tf.reshape(x(), [2, 4]));
    close(await found.array(), await tf.softmax(tf.tensor2d(await expected(x()), [2, 3])).array());
    await expect(
      model.differentiate(tf.reshape(x(), [2, 4]), ({ output }) => tf.sum(tf.reshape(output, [2, -1]), 1)),
    ).rejects.toThrow(/LinearClassifier.*square and hop-skip-jump/);
  });
});

it('a graph on which the optimiser of ONNX Runtime fails is run without it', async () => {
  // Group normalisation and a normalisation with the batch among the channels, as PyTorch exports them for one image.
  const file = write([value('x', 'float32', [1, 1, 2, 2])], (g) => {
    const ones = (size: number) => g.filled('float32', [size], Array<number>(size).fill(1));
    const zeros = (size: number) => g.filled('float32', [size], Array<number>(size).fill(0));
    const z = g.op('Concat', ['x', g.op('Sin', ['x'])], { axis: 1 });
    const groups = g.op('Reshape', [z, g.ints([0, 2, -1])]);
    const normal = g.op('InstanceNormalization', [groups, ones(2), zeros(2)]);
    const back = g.op('Add', [g.op('Mul', [g.op('Reshape', [normal, g.shape(z)]), ones(1)]), zeros(1)]);
    const flat = g.op('Reshape', [back, g.ints([1, 2, 2, 2])]);
    const inputs = [flat, ones(2), zeros(2), zeros(2), ones(2)];
    return [value(g.op('Flatten', [g.op('BatchNormalization', inputs)]), 'float32', [1, 8])];
  });
  const model = await load(file);
  expect((await model.predict(x())).shape).toEqual([2, 8]);
});

describe('the SVMClassifier of two classes', () => {
  /** d(x) = w · x + 0.1, positive for the first class. */
  const file = (rest: Record<string, AttributeInput> = {}, between = 'Cast') =>
    write([value('x', 'float32', ['n', 4])], (g) => {
      g.nodes.push({
        op: 'SVMClassifier',
        name: 'classifier',
        domain: 'ai.onnx.ml',
        inputs: ['x'],
        outputs: ['label', 'decisions'],
        attributes: Attributes.of({
          classlabels_ints: [0, 1],
          coefficients: { floats: [1, -1] },
          kernel_params: { floats: [1, 0, 3] },
          kernel_type: 'LINEAR',
          rho: { floats: [0.1] },
          support_vectors: { floats: [0.9, -0.2, 0.3, -0.8, -0.3, 0.5, 0.6, 0.4] },
          vectors_per_class: [1, 1],
          ...rest,
        }),
      });
      const made = g.op(between, ['decisions'], between === 'Cast' ? { to: 1 } : {});
      return [value('label', 'int64', ['n']), value(named(g, made, 'scores'), 'float32', ['n', 2])];
    });
  const rows = () => tf.tensor2d([0.9, 0.1, 0.2, 0.1, 0.1, 0.8, 0.7, 0.9, 0.9, 0.9, 0.1, 0.2], [3, 4]);
  const predicted = async (source: string, rest: Partial<ModelSource> = {}) => {
    const model = await load(source, rest);
    const found = await model.predict(rows());
    return { classes: await tf.argMax(found as tf.Tensor2D, 1).array(), notes: model.notes };
  };

  it('has scores the other way round than its labels: they are turned', async () => {
    const labels = await predicted(file(), { outputName: 'label', labels: 2 });
    expect(new Set(labels.classes as number[]).size).toBe(2);
    const { classes, notes } = await predicted(file());
    expect(classes).toEqual(labels.classes);
    expect(notes.join()).toMatch(/scores of its two classes the other way round/);
  });

  it('is left as it is where the file turns them, or gives probabilities', async () => {
    const labels = await predicted(file(), { outputName: 'label', labels: 2 });
    for (const source of [file({}, 'Neg'), file({ prob_a: { floats: [-2] }, prob_b: { floats: [0] } })]) {
      const { classes, notes } = await predicted(source);
      expect(classes).toEqual(labels.classes);
      expect(notes).toEqual([]);
    }
  });
});

describe('several inputs', () => {
  const file = () =>
    write([image(), value('scale', 'float32', ['n', 1]), value('shift', 'float32', [1, 3])], (g) => {
      const z = g.op('Add', [g.op('Mul', [scores(g, 'x'), 'scale']), 'shift']);
      return [value(z, 'float32', ['n', 3])];
    });

  it('are constants but for one', async () => {
    for (const inputs of [
      { scale: 2, shift: 0 },
      { scale: [[2]], shift: [[0, 0, 0]] },
    ]) {
      const model = await load(file(), { inputs });
      close(await (await model.predict(x())).array(), await expected(x(), 2));
      const { gradient } = await model.differentiate(x(), ({ output }) => tf.sum(output as tf.Tensor2D, 1));
      const row = [0, 1, 2, 3].map((d) => 2 * (weights[3 * d] + weights[3 * d + 1] + weights[3 * d + 2]));
      close(await tf.reshape(gradient, [2, 4]).array(), [row, row]);
    }
  });

  it('without a value, or with a wrong one, are named', async () => {
    expect(await complaint(file())).toMatch(
      /has the inputs "x" \(float32 \[n, 2, 2, 1\]\), "scale" .* one of them is attacked, .* inputs: \{ shift: 0 \}/,
    );
    expect(await complaint(file(), { inputs: { scale: 1, shfit: 0 } })).toMatch(
      /no input "shfit"\. Did you mean "shift"\?/,
    );
    expect(await complaint(file(), { inputs: { scale: 1, shift: [[0, 0]] } })).toMatch(
      /input "shift" of .*: expected numbers of \[1, 3\], found \[1, 2\]/,
    );
    expect(await complaint(file(), { inputs: { scale: 1, shift: [[0, 0], [0]] } })).toMatch(/are no array/);
    expect(await complaint(file(), { inputs: { x: 1, scale: 1, shift: 1 } })).toMatch(
      /one of them is attacked/,
    );
  });
});

describe('whole numbers', () => {
  const pixels = () => tf.tensor4d([10.4, 20.6, 30, 40, 50, 60, 70, 80], [2, 2, 2, 1]);

  it('of bytes that are cast first are rounded for the model, and gradients pass', async () => {
    const file = write([image('uint8')], (g) => {
      const real = g.op('Cast', [g.op('Identity', ['x'])], { to: 1 });
      return [value(scores(g, real), 'float32', ['n', 3])];
    });
    const model = await load(file);
    close(await (await model.predict(pixels())).array(), await expected(tf.round(pixels())));
    const { gradient, output } = await model.differentiate(pixels(), ({ output }) =>
      tf.sum(output as tf.Tensor2D, 1),
    );
    close(await output.array(), await expected(pixels()));
    const row = [0, 1, 2, 3].map((d) => weights[3 * d] + weights[3 * d + 1] + weights[3 * d + 2]);
    close(await tf.reshape(gradient, [2, 4]).array(), [row, row]);
    expect(model.notes.join()).toMatch(/takes whole numbers \(uint8\): images are rounded/);
  });

  it('that are computed with have no gradient', async () => {
    const file = write([image('int32')], (g) => {
      const two = g.op('Add', ['x', 'x']);
      return [value(scores(g, g.op('Cast', [two], { to: 1 })), 'float32', ['n', 3])];
    });
    const model = await load(file);
    close(await (await model.predict(pixels())).array(), await expected(tf.round(pixels()), 2));
    await expect(
      model.differentiate(pixels(), ({ output }) => tf.sum(output as tf.Tensor2D, 1)),
    ).rejects.toThrow(/whole numbers of its input "x", which have no gradient\. Attack it with square or/);
  });
});

describe('a TensorFlow.js model', () => {
  const twoHeads = async () => {
    const input = tfl.input({ shape: [2, 2, 1] });
    const flat = tfl.layers.flatten().apply(input) as tfl.SymbolicTensor;
    const head = (name: string, units: number, activation?: 'softmax') =>
      tfl.layers.dense({ name, units, activation }).apply(flat) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: input, outputs: [head('box', 4), head('class', 3, 'softmax')] });
    model.getLayer('class').setWeights([tf.tensor2d(weights, [4, 3]), tf.zeros([3])]);
    const to = path.join(folder, 'two-heads');
    await saveModel(model, to, {});
    return path.join(to, 'model.json');
  };

  it.each(['onnx:cpu', 'tfjs:cpu'])('has its outputs named by their layers: %s', async (name) => {
    const file = await twoHeads();
    const source = { path: file, output: 'auto', imageShape: [2, 2, 1] } as const;
    const opened = await openEngine(name);
    await expect(opened.load(source)).rejects.toThrow(
      /has the outputs box, class\. Write which of them is meant: output: class/,
    );
    await expect(opened.load({ ...source, outputName: 'clas' })).rejects.toThrow(/Did you mean "class"\?/);
    const model = await opened.load({ ...source, outputName: 'class' });
    expect([model.engine, model.softmaxRemoved]).toEqual([name, true]);
    close(await (await model.predict(x())).array(), await expected(x()));
  });

  it('has no labels and no values of inputs', async () => {
    const digits = path.join(import.meta.dirname, '../../zoo/models/digits-cnn/model.json');
    const rest = { imageShape: [28, 28, 1] as const, labels: 10 };
    expect(await complaint(digits, rest)).toMatch(/labels, values of inputs .* are for ONNX files/);
  });
});
