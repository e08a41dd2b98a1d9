// Files that compute in 16 bits.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { Engine, ModelObjective } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';
import { Builder, constantFrom, type ElementType, writeModel } from '@gauntlet/onnx-gradient';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('onnx:cpu');
});
const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-half-'));

/** A convolution and a layer, so sure of the first class that what the others add to a loss is below the numbers of 16 bits. */
function network(type: ElementType): string {
  const g = new Builder(['x']);
  const weights = (dims: number[], phase: number, size: number) =>
    g.constant(
      constantFrom(
        type,
        dims,
        Array.from(
          { length: dims.reduce((a, b) => a * b, 1) },
          (_, i) => Math.round(Math.sin(i + phase) * 64 * size) / 64,
        ),
      ),
    );
  const features = g.op('Relu', [g.op('Conv', ['x', weights([2, 1, 2, 2], 1, 1)])]);
  const scores = g.op('MatMul', [g.op('Flatten', [features]), weights([18, 3], 2, 4)]);
  const output = g.op('Add', [scores, g.constant(constantFrom(type, [3], [24, 0, 0]))]);
  const file = path.join(folder, `${type}.onnx`);
  writeModel(
    {
      opset: 18,
      domains: new Map(),
      inputs: [{ name: 'x', type, dims: ['n', 1, 4, 4] }],
      outputs: [{ name: output, type, dims: ['n', 3] }],
      nodes: g.nodes,
      constants: g.constants,
      stated: new Map(),
    },
    file,
  );
  return file;
}

const load = (type: ElementType) =>
  engine.load({ path: network(type), output: 'logits', imageShape: [4, 4, 1] });
const x = () =>
  tf.tensor4d(
    Float32Array.from({ length: 32 }, (_, i) => ((i * 7) % 16) / 16),
    [2, 4, 4, 1],
  );
const first = Int32Array.of(0, 0);
const loss: ModelObjective = ({ output }) =>
  tf.neg(tf.sum(tf.mul(tf.logSoftmax(tf.reshape(output, [2, 3])), [[1, 0, 0]]), 1));
const known: ModelObjective = Object.assign((outputs: Parameters<typeof loss>[0]) => loss(outputs), {
  labelLoss: { name: 'ce', aim: first, sign: 1 } as const,
});

it('of float16 are differentiated as in float32', async () => {
  const [found, expected] = [await load('float16'), await load('float32')];
  for (const objective of [known, loss]) {
    const [a, b] = [await found.differentiate(x(), objective), await expected.differentiate(x(), objective)];
    const [gradient, reference] = [await a.gradient.data(), await b.gradient.data()];
    const largest = Math.max(...reference.map(Math.abs));
    expect(largest).toBeGreaterThan(0);
    expect(largest).toBeLessThan(1e-6);
    reference.forEach((value, i) => expect(Math.abs(gradient[i] - value)).toBeLessThan(1e-3 * largest));
  }
});

it('of float16 give the features of their convolution', async () => {
  const [found, expected] = [await load('float16'), await load('float32')];
  const [a, b] = [await found.features(x()), await expected.features(x())];
  for (const name of ['features', 'preactivation'] as const) {
    expect(a[name].shape).toEqual([2, 3, 3, 2]);
    const reference = await b[name].data();
    (await a[name].data()).forEach((value, i) => expect(value).toBeCloseTo(reference[i], 2));
  }
});
