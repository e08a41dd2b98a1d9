import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Report } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';
import { lowerModel } from '../packages/engine-onnx/src/lower/lower-model.js';
import { Attributes, readModel, writeModel } from '@gauntlet/onnx-gradient';
import { saveModel } from '@gauntlet/zoo';
import { digitsModel, gauntlet, readReport, repository, temporary } from './support/cli.js';
import { start } from './support/processes.js';
import { rateOf } from '../bench/engine-rate.mjs';
import { numbersOf } from './fixtures/engine-numbers.mjs';
import { engineEnvironment, starts } from './support/engines.js';
import { needing } from './support/needs.js';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';

/** Every engine that a machine without a GPU can have; `onnx:cpu` is what the others are compared with. */
const engines = ['tfjs:wasm', 'tfjs:cpu', 'onnx:webgpu', 'tfjs:webgpu'] as const;
const itOn = (engine: string) => needing(`the engine ${engine}`, starts(engine));
/** Native TensorFlow is built where a TensorFlow is at hand; CI says when it was not. */
const native = starts('tfjs:tensorflow');
const itOnNative = native
  ? it
  : (name: string, _: () => Promise<void>) => it.skip(`${name} (tfjs:tensorflow was not built)`);

const folder = temporary('engines');
const tfjsModel = path.join(folder, 'tiny');
const onnxModel = path.join(folder, 'tiny.onnx');
const shape = [8, 8, 2] as const;

/** A network of every common kind of layer, and one without ties: what is asked of engines is arithmetic. */
async function writeFixtures(): Promise<void> {
  await openEngine('tfjs:cpu');
  const { layers, initializers } = tfl;
  const init = (seed: number) => ({
    kernelInitializer: initializers.glorotNormal({ seed }),
    biasInitializer: initializers.randomNormal({ seed, stddev: 0.2 }),
  });
  const input = tfl.input({ shape: [...shape] });
  const apply = (x: tfl.SymbolicTensor, layer: tfl.layers.Layer) => layer.apply(x) as tfl.SymbolicTensor;
  const first = apply(
    input,
    layers.conv2d({ name: 'first', filters: 16, kernelSize: 3, activation: 'relu', ...init(1) }),
  );
  const same = apply(
    first,
    layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'elu', ...init(2) }),
  );
  const joined = layers.add().apply([first, same]) as tfl.SymbolicTensor;
  const pooled = apply(joined, layers.maxPooling2d({ poolSize: 2 }));
  const deep = apply(
    pooled,
    layers.depthwiseConv2d({ kernelSize: 2, depthwiseInitializer: initializers.glorotNormal({ seed: 3 }) }),
  );
  const scores = apply(
    apply(deep, layers.flatten()),
    layers.dense({ units: 4, activation: 'softmax', ...init(4) }),
  );
  const model = tfl.model({ inputs: input, outputs: scores });
  const { graph } = await lowerModel(model, { inputShape: shape });
  writeModel(graph, onnxModel);
  await saveModel(model, tfjsModel, {});
  const clean = tf.randomUniform([12, ...shape], 0, 1, 'float32', 7);
  const labels = tf.argMax(model.predict(clean) as tf.Tensor, 1);
  writeFileSync(
    path.join(folder, 'images.npy'),
    npy('<f4', clean.shape, (await clean.data()) as Float32Array),
  );
  writeFileSync(path.join(folder, 'labels.npy'), npy('<i4', [12], Int32Array.from(await labels.data())));
}

/** NumPy's format 1.0. */
function npy(descr: string, dims: readonly number[], values: Float32Array | Int32Array): Buffer {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${dims.join(', ')},), }`;
  const header = `${text.padEnd(128 - 11)}\n`;
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
  return Buffer.concat([start, Buffer.from(header), Buffer.from(values.buffer)]);
}

type Numbers = Awaited<ReturnType<typeof numbersOf>>;

/** TensorFlow.js has MINE's operations on every backend alike; on a played GPU they take minutes. */
const estimatesOn = (engine: string) =>
  engine === 'tfjs:webgpu' ? ['gaussian'] : ['gaussian', 'fast', 'positions', 'paper'];

/** What finds the GPU is read from the environment when a process starts, and TensorFlow is a library of its own. */
const needsProcess = (engine: string) => /webgpu|tensorflow/.test(engine);

async function numbers(engine: string, model: string): Promise<Numbers> {
  if (!needsProcess(engine)) return numbersOf(engine, model, shape, estimatesOn(engine));
  const script = path.join(repository, 'test/fixtures/engine-numbers.mjs');
  const args = [script, engine, model, ...shape.map(String), estimatesOn(engine).join()];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, ...engineEnvironment },
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(stdout) as Numbers;
}

const flat = (value: unknown): number[] => (value as number[]).flat(Infinity as 1) as number[];

/** Largest difference, as a share of the largest number. */
function apart(a: unknown, b: unknown): number {
  const [left, right] = [flat(a), flat(b)];
  if (left.length !== right.length) return Infinity;
  const size = right.reduce((max, value) => Math.max(max, Math.abs(value)), 1e-6);
  return left.reduce((max, value, i) => Math.max(max, Math.abs(value - right[i])), 0) / size;
}

/** Every attack and estimator; epsilons at which no sample is on the edge between broken and held. */
const attacks = [
  { use: 'noise', params: { epsilon: 0.01 } },
  { use: 'fgsm', params: { epsilon: 0.1 } },
  { use: 'pgd', params: { epsilon: 0.05, steps: 10, restarts: 1 } },
  {
    use: 'pgd',
    name: 'pgd l2',
    params: { norm: 'l2', epsilon: 0.5, steps: 10, restarts: 1, randomStart: false },
  },
  { use: 'pgd', name: 'pgd l1', params: { norm: 'l1', epsilon: 4, steps: 10, restarts: 1, loss: 'margin' } },
  { use: 'minmax', name: 'gaussian', params: { similarity: 'gaussian', iterations: 8 } },
  { use: 'minmax', name: 'fast', params: { similarity: 'fast', sampling: 'conv', iterations: 6 } },
  { use: 'minmax', name: 'positions', params: { similarity: 'positions', iterations: 6 } },
  { use: 'minmax', name: 'paper', params: { similarity: 'paper', sampling: 'conv', iterations: 3 } },
  { use: 'penalty', params: { similarity: 'gaussian', searches: 3, iterations: 8 } },
];

/**
 * On a processor that plays a GPU, few samples and a part of the attacks: one step, many steps, and MINE in its loop.
 * `numbers` compares the logits, the gradient and the estimates that the others are made of.
 */
const played: Record<string, { attacks: string[]; samples: number }> = {
  'onnx:webgpu': { attacks: ['noise', 'fgsm', 'pgd', 'fast'], samples: 4 },
  'tfjs:webgpu': { attacks: ['noise', 'fgsm'], samples: 4 },
  // Plain JavaScript is as slow.
  'tfjs:cpu': {
    attacks: ['noise', 'fgsm', 'pgd', 'pgd l2', 'pgd l1', 'gaussian', 'fast', 'penalty'],
    samples: 4,
  },
};
const partOn = (engine: string) => {
  const { attacks: names, samples = 12 } = played[engine] ?? {};
  return {
    samples,
    attacks: attacks.filter(({ use, name = use }) => names?.includes(name) ?? true),
  };
};

async function report(engine: string, model: string): Promise<Report> {
  const name = `${engine.replace(':', '-')}-${path.basename(model)}`;
  const spec = path.join(folder, `${name}.robust.json`);
  const { attacks, samples } = partOn(engine);
  const dataset = { format: 'npy', images: './images.npy', labels: './labels.npy', take: samples };
  writeFileSync(
    spec,
    JSON.stringify({
      victim: { name: 'tiny', model, kind: 'classifier', bounds: [0, 1] },
      dataset,
      seed: 5,
      attacks,
    }),
  );
  const output = path.join(folder, name);
  const args = ['run', spec, '--engine', engine, '-j', '0', '--output', output];
  const { stderr, code } = needsProcess(engine)
    ? await start(args, { env: engineEnvironment }).done
    : await gauntlet(...args);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return readReport(output);
}

beforeAll(writeFixtures);

describe('conformance across engines', () => {
  let reference: Numbers;
  let outcomes: Report;
  beforeAll(async () => {
    reference = await numbers('onnx:cpu', tfjsModel);
    outcomes = await report('onnx:cpu', tfjsModel);
  });

  const sameNumbers = async (engine: string, model: string) => {
    const found = await numbers(engine, model);
    expect(found.engine).toBe(engine);
    for (const name of ['logits', 'value', 'gradient', ...estimatesOn(engine)]) {
      expect(apart(found[name], reference[name]), `${engine}: ${name}`).toBeLessThan(1e-4);
    }
  };
  const sameOutcomes = async (engine: string, model: string) => {
    const found = await report(engine, model);
    expect(found.victims[0].engine).toBe(engine);
    const { attacks, samples } = partOn(engine);
    const names = attacks.map(({ use, name = use }) => name);
    const table = (of: Report) =>
      of.cells
        .filter(({ attack }) => names.includes(attack))
        .map((cell) => [cell.attack, ...cell.outcomes.slice(0, samples).map(({ status }) => status)]);
    expect(found.cells.map(({ attack }) => attack)).toEqual(names);
    expect(table(found)).toEqual(table(outcomes));
  };

  it('has something to compare: attacks that break some samples, all, and none', () => {
    const asr = outcomes.cells.map(({ metrics }) => metrics.asr!.value!);
    expect(asr.some((value) => value === 0)).toBe(true);
    expect(asr.some((value) => value > 0 && value < 1)).toBe(true);
    expect(asr.some((value) => value === 1)).toBe(true);
  });

  it('an .onnx file gives the numbers and outcomes of the model.json it was made from', async () => {
    await sameNumbers('onnx:cpu', onnxModel);
    await sameOutcomes('onnx:cpu', onnxModel);
  });

  for (const engine of engines) {
    itOn(engine)(
      `${engine}: logits, gradients and estimates to 1e-4`,
      () => sameNumbers(engine, tfjsModel),
      300_000,
    );
    itOn(engine)(
      `${engine}: the same samples are broken`,
      () => sameOutcomes(engine, tfjsModel),
      // A GPU that is played by a processor takes its time, beside other tests.
      300_000,
    );
  }
  itOnNative('tfjs:tensorflow: logits, gradients and estimates to 1e-4', () =>
    sameNumbers('tfjs:tensorflow', tfjsModel),
  );
  itOnNative('tfjs:tensorflow: the same samples are broken by every attack', () =>
    sameOutcomes('tfjs:tensorflow', tfjsModel),
  );
});

describe('a model that cannot be differentiated', () => {
  const victim = (rest: object) => ({
    name: 'rounding',
    model: path.join(folder, 'rounding.onnx'),
    kind: 'classifier',
    bounds: [0, 1],
    ...rest,
  });
  const dataset = { format: 'npy', images: './images.npy', labels: './labels.npy', indices: [0, 1, 2] };
  const runWith = async (name: string, rest: object, attack: object) => {
    const spec = path.join(folder, `${name}.robust.json`);
    writeFileSync(spec, JSON.stringify({ victim: victim(rest), dataset, seed: 1, attacks: [attack] }));
    const output = path.join(folder, name);
    const result = await gauntlet('run', spec, '-j', '0', '--output', output);
    return { ...result, output };
  };
  const pgd = { use: 'pgd', params: { epsilon: 0.3, steps: 3, restarts: 1 } };

  it('is an error with the operator’s name before an attack that needs gradients runs', async () => {
    // Pixels are rounded first, as a camera would: the slope is zero almost everywhere.
    const original = readModel(onnxModel);
    const [input] = original.inputs;
    const round = {
      op: 'Round',
      name: 'camera',
      domain: '',
      inputs: ['pixels'],
      outputs: [input.name],
      attributes: Attributes.of({}),
    };
    writeModel(
      { ...original, inputs: [{ ...input, name: 'pixels' }], nodes: [round, ...original.nodes] },
      path.join(folder, 'rounding.onnx'),
    );
    const { code, stderr } = await runWith('exact', {}, pgd);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /Round "camera" is a step, which has no gradient\..*straightThrough: true.*gradients: estimated/,
    );
  });

  it('can be attacked without gradients, and with estimated ones, which the report names', async () => {
    expect((await runWith('noise', {}, { use: 'noise', params: { epsilon: 0.1 } })).code).toBe(0);
    const { code, output } = await runWith('estimated', { gradients: 'estimated' }, pgd);
    expect(code).toBe(0);
    const { victims, cells } = readReport(output);
    expect(victims[0].gradients).toMatch(/^estimated \(NES, 25 antithetic pairs/);
    expect(victims[0].notes.join()).toContain('attacks are weaker than with exact ones');
    expect(cells[0].metrics.gradients!.value).toBe(0);
    expect(cells[0].metrics.forwards!.value).toBeGreaterThanOrEqual(51);
  });
});

// The figures of a bench are nobody's test; that it still speaks with the engines is.
it('the bench of engines measures an attack', async () => {
  for (const task of ['pgd', 'gaussian'])
    expect(await rateOf(digitsModel, 'onnx:cpu', task, 2)).toBeGreaterThan(0);
});
