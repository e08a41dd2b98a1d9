import path from 'node:path';
import { lowerModel } from '../packages/engine-onnx/src/lower/lower-model.js';
import { readModelFiles } from '@gauntlet/engine-tfjs/runtime';
import { type Graph, readModel, writeModel } from '@gauntlet/onnx-gradient';
import { syntheticDigits } from '@gauntlet/zoo';
import * as tfl from '@tensorflow/tfjs-layers';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DatasetConfig, openDataset, openEngine } from '@gauntlet/core';
import { digitsModel, gauntlet, readReport, repository, temporary, writeSpec } from './support/cli.js';
import { itWithRealData, shared } from './support/needs.js';
import { quantised } from './support/quantise.js';

const folder = temporary('stepped');
const changed = `${path.join(repository, 'test/trust/victims.mjs')}#changed`;
const through = { gradients: { straightThrough: true } };
let next = 0;

async function run(victim: object, attacks: object[], dataset: object) {
  const output = path.join(folder, String(next++));
  const rest = { victim: { name: 'v', kind: 'classifier', bounds: [0, 1], ...victim }, dataset };
  const spec = writeSpec(folder, attacks, rest, `${next}.robust.json`);
  const { code, stderr } = await gauntlet('run', spec, '--output', output, '-j', '0');
  if (code !== 0 && code !== 1 && code !== 3) throw new Error(stderr);
  const report = readReport(output);
  return {
    report,
    asr: report.cells.map(({ metrics }) => metrics.asr?.value),
    findings: report.cells.map((cell) =>
      cell.findings.map(({ code: name, severity }) => `${name} ${severity}`),
    ),
  };
}

const write = (graph: Graph, name: string) => {
  writeModel(graph, path.join(folder, name));
  return path.join(folder, name);
};

describe('a model that was quantised to eight bits', () => {
  const digits = { format: 'plugin', use: 'digits', take: 40 };
  const attacks = [
    { use: 'fgsm', params: { epsilon: 0.1 } },
    { use: 'pgd', params: { epsilon: 0.1, steps: 10, restarts: 1 } },
  ];
  let file: string;
  beforeAll(async () => {
    await openEngine('tfjs:cpu');
    const { artifacts } = await readModelFiles(digitsModel);
    const model = await tfl.loadLayersModel({ load: async () => artifacts });
    const { graph } = await lowerModel(model, { inputShape: [28, 28, 1] });
    const source = syntheticDigits(20, 0);
    const pixels = Array.from({ length: 20 }, (_, i) => [...source.pixels(i)].map((value) => value / 255));
    const sample = new ort.Tensor('float32', Float32Array.from(pixels.flat()), [20, 28, 28, 1]);
    file = write(await quantised(graph, sample), 'digits.onnx');
  });

  it('is attacked straight through about as well as before', async () => {
    const before = await run({ model: digitsModel }, attacks, digits);
    const { report, asr } = await run({ model: file, ...through }, attacks, digits);
    expect(report.victims[0].straightThrough).toEqual(['QuantizeLinear', 'DequantizeLinear']);
    expect(report.victims[0].notes.join()).toMatch(/straight through QuantizeLinear, DequantizeLinear/);
    before.asr.forEach((value, i) => expect(Math.abs(asr[i]! - value!)).toBeLessThanOrEqual(0.1));
    expect(asr[1]).toBeGreaterThan(0.3);
  });

  it('says how where that was not asked for', async () => {
    await expect(run({ model: file }, attacks, digits)).rejects.toThrow(
      /[Qq]uantizeLinear.*is a step.*gradients: \{ straightThrough: true \}/,
    );
  });
});

describe('a victim in code with an input of 3 bits', () => {
  const digits = { format: 'plugin', use: 'digits', take: 20 };
  const victim = { use: changed, params: { change: '3 bits' } };
  const attacks = [
    { use: 'pgd', params: { epsilon: 0.1, steps: 20, restarts: 1 }, expect: { asr: { max: 0.95 } } },
  ];
  const square = { use: 'square', params: { epsilon: 0.1, queries: 100 } };

  it('gives no gradient to follow, and one straight through', async () => {
    const without = await run(victim, attacks, digits);
    expect(without.asr[0]).toBeLessThan(0.2);
    expect(without.findings[0]).toContain('zero-gradients inconclusive');
    const { report, asr } = await run({ ...victim, ...through }, attacks, digits);
    expect(report.victims[0].straightThrough).toEqual(['Round']);
    expect(asr[0]).toBeGreaterThan(0.5);
  });

  it('is in question as to what held, unless a search without gradients agrees', async () => {
    const alone = await run({ ...victim, ...through }, attacks, digits);
    expect(alone.findings[0]).toEqual(['straight-through-alone inconclusive']);
    const { report, findings } = await run({ ...victim, ...through }, [...attacks, square], digits);
    expect(findings[0]).toEqual([]);
    expect(report.cells[0].verdict).toBe('pass');
  });
});

describe('the shared classifier, quantised', () => {
  itWithRealData('breaks at 0.3 as often as in full precision', async () => {
    const mnist = {
      format: 'idx',
      images: shared('mnist/t10k-images-idx3-ubyte.gz'),
      labels: shared('mnist/t10k-labels-idx1-ubyte.gz'),
      take: 50,
    };
    const model = shared('models/mnist-classifier/model.onnx');
    const data = await openDataset(mnist as DatasetConfig, 0);
    const sample = await data.images(data.indices, [0, 1]);
    const graph = await quantised(readModel(model), new ort.Tensor('float32', sample, [50, 1, 28, 28]));
    const attacks = [
      { use: 'fgsm', params: { epsilon: 0.3 } },
      { use: 'pgd', params: { epsilon: 0.3, steps: 20, restarts: 1 } },
    ];
    const before = await run({ model }, attacks, mnist);
    const { asr } = await run({ model: write(graph, 'mnist.onnx'), ...through }, attacks, mnist);
    before.asr.forEach((value, i) => expect(Math.abs(asr[i]! - value!)).toBeLessThanOrEqual(0.06));
    expect(asr[1]).toBeGreaterThan(0.95);
  });
});
