import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { builtIn } from '@gauntlet/cli/built-in';
import { Stream } from '@gauntlet/api';
import { loadDataset, npzBytes, openDataset } from '@gauntlet/core';
import {
  digitsModel,
  gauntlet,
  inProcess,
  readReport,
  repository,
  temporary,
  writeSpec,
} from './support/cli.js';
import { input, writeOnnx } from './support/onnx-file.js';

const read = (...parts: string[]) => readFileSync(path.join(...parts), 'utf8');

/** An ONNX file of two classes that asks whether red, the first channel of a flat image [c, h, w], is above its mean of 0.5. */
function flatModel(folder: string, [c, h, w]: [number, number, number], order: 'nchw' | 'nhwc'): string {
  return writeOnnx(path.join(folder, 'flat.onnx'), input('n', c * h * w), (g) => {
    const red = (i: number) => (order === 'nchw' ? i < h * w : i % c === 0);
    const weights = Float32Array.from({ length: 2 * c * h * w }, (_, i) =>
      i % 2 === 1 && red(i >> 1) ? 1 : 0,
    );
    const bias = g.filled('float32', [2], Float32Array.of(0, (-h * w) / 2));
    const scores = g.op('MatMul', ['input', g.filled('float32', [c * h * w, 2], weights)]);
    return g.op('Add', [scores, bias]);
  });
}

describe('gauntlet init', () => {
  it('init knows an autoencoder when it sees one', async () => {
    const cwd = temporary('init');
    const model = path.join(repository, 'packages/zoo/models/digits-conv-ae');
    expect((await inProcess(['init', model], { cwd })).code).toBe(0);
    const file = path.join(cwd, 'model.robust.yaml');
    const { victim, attacks } = parse(read(file)) as { victim: object; attacks: { use: string }[] };
    expect(victim).toMatchObject({ kind: 'autoencoder' });
    expect(attacks.map(({ use }) => use)).toEqual(['gaussian', 'mine-uae', 'l2-uae']);
    writeFileSync(file, read(file).replace('take: 100', 'take: 1'));
    expect([0, 1]).toContain((await inProcess(['run', file, '-j', '0'], { cwd })).code);
  });

  it('init writes a spec that works, for the shipped model and for the user’s own', async () => {
    for (const args of [[], [digitsModel, '--epsilon', 'linf:8/255', 'l2:1']]) {
      const cwd = temporary('init');
      const made = await inProcess(['init', '--yes', ...args], { cwd });
      expect(made.stderr).toBe('');
      expect(made.code).toBe(0);
      expect(made.stdout).toMatch(
        /^model: classifier; data: .* in \[0, 1\]\nclean accuracy: 100\.0 % of 100/,
      );
      expect(made.stdout).toContain('gauntlet bless gauntlet-report/model model.baseline.json');
      const file = path.join(cwd, 'model.robust.yaml');
      const spec = parse(read(file)) as { attacks: { params: object; expect?: object }[] };
      const epsilons = args.length > 0 ? ['8/255', 1] : [0.1, 0.5];
      expect(spec.attacks.map(({ params }) => params)).toEqual([
        { norm: 'linf', epsilon: epsilons[0] },
        { norm: 'l2', epsilon: epsilons[1] },
      ]);
      expect(spec.attacks.every((attack) => attack.expect)).toBe(true);
      const [, schemaFile] = /^# yaml-language-server: \$schema=(.*)\n/.exec(read(file))!;
      expect(existsSync(path.join(cwd, schemaFile))).toBe(true);
      // One sample that breaks at once: what holds is searched for long, and is nothing to do with the spec.
      const quick = read(file)
        .replace('take: 100', 'take: 1')
        .replaceAll(/(?<=epsilon: )\S+/g, '30');
      writeFileSync(file, quick);
      const { code, stderr } = await inProcess(['run', file, '-j', '0'], { cwd });
      expect(stderr).toBe('');
      expect([0, 1, 3]).toContain(code);
      const { victims } = readReport(path.join(cwd, 'gauntlet-report/model'));
      expect(victims[0].name).toBe('model');
      const again = await inProcess(['init'], { cwd });
      expect(again.code).toBe(2);
      expect(again.stderr).toMatch(/is there already. Use --force/);
    }
    expect((await gauntlet('init', '--epsilon', '0.1', '--out', 'none.yaml')).stderr).toContain(
      '--epsilon 0.1: write norm:size, like linf:8/255 or l2:0.5.',
    );
  });

  it('init finds bounds and preprocessing in the data, and warns of accuracy near chance', async () => {
    const cwd = temporary('init');
    const { config } = await loadDataset('{ format: plugin, use: digits }', cwd, {
      builtIn: await builtIn(),
    });
    const data = await openDataset(config, 1);
    const indices = data.indices.slice(0, 120);
    const x = { shape: [120, 28, 28, 1], data: await data.images(indices, [-1, 1]) };
    const labels = data.labels(indices)!;
    const write = (name: string, classes: Int32Array) =>
      writeFileSync(path.join(cwd, name), npzBytes({ x, y: { shape: [120], data: classes } }));
    write('right.npz', labels);
    write(
      'wrong.npz',
      labels.map((one) => (one + 1) % 10),
    );
    const init = (...args: string[]) => inProcess(['init', digitsModel, '--yes', ...args], { cwd });
    const { stdout } = await init('--images', 'right.npz');
    expect(stdout).toMatch(
      /in \[-1, 1\]\nclean accuracy: \d+\.\d % of 100 images, with images within \[0, 1\]/,
    );
    expect(parse(read(cwd, 'model.robust.yaml'))).toMatchObject({
      victim: { bounds: [-1, 1], preprocess: { mean: -1, std: 2 } },
      dataset: { format: 'npz', file: './right.npz', labelsKey: 'y' },
      attacks: [{ params: { epsilon: 0.2 } }, { params: { epsilon: 1 } }],
    });
    expect((await init('--images', 'wrong.npz', '--force')).stdout).toMatch(
      /WARNING: that is what guessing among 10 classes gives/,
    );
  });

  it('init takes images as PyTorch saves them, channels first', async () => {
    const cwd = temporary('init');
    const images = { shape: [12, 3, 9, 8], data: new Float32Array(12 * 3 * 9 * 8).fill(0.5) };
    const model = flatModel(cwd, [3, 9, 8], 'nchw');
    writeFileSync(path.join(cwd, 'x.npz'), npzBytes({ x: images }));
    const { code, stdout, stderr } = await inProcess(['init', model, '--images', 'x.npz', '--yes'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/12 images of 9×8×3 \(channels first in the file\), in \[0, 1\]/);
    expect(parse(read(cwd, 'model.robust.yaml'))).toMatchObject({ dataset: { layout: 'nchw' } });
    // What is no image either way is refused in the reader's words.
    writeFileSync(
      path.join(cwd, 'flat.npz'),
      npzBytes({ x: { shape: [12, 216, 1, 1, 1], data: images.data } }),
    );
    const flat = await inProcess(['init', model, '--images', 'flat.npz', '--out', 'flat.robust.yaml'], {
      cwd,
    });
    expect([flat.code, flat.stderr]).toEqual([2, expect.stringMatching(/flat\.npz.*\[12, 216, 1, 1, 1\]/)]);
  });

  for (const order of ['nchw', 'nhwc'] as const)
    it(`init finds the order of a flat input by what is right: ${order}`, async () => {
      const cwd = temporary('init');
      const shape: [number, number, number] = [3, 4, 4];
      const model = flatModel(cwd, shape, order);
      const n = 60;
      const stream = new Stream('init', order);
      const data = Float32Array.from({ length: n * 48 }, () => stream.uniform());
      const y = Int32Array.from({ length: n }, (_, i) => {
        const red = Array.from({ length: 16 }, (_, at) => data[48 * i + 3 * at]);
        return red.reduce((a, b) => a + b, 0) > 8 ? 1 : 0;
      });
      const arrays = { x: { shape: [n, 4, 4, 3], data }, y: { shape: [n], data: y } };
      writeFileSync(path.join(cwd, 'data.npz'), npzBytes(arrays));
      const { stdout, stderr } = await inProcess(['init', model, '--images', 'data.npz', '--yes'], { cwd });
      expect(stderr).toBe('');
      const words = order === 'nchw' ? 'channel by channel' : 'pixel by pixel';
      expect(stdout).toContain(`clean accuracy: 100.0 % of 60 images, flattened ${words}\n`);
      expect(parse(read(cwd, 'model.robust.yaml'))).toMatchObject({
        victim: { preprocess: { layout: order } },
      });
    });

  it('init writes a file for the CI that the repository uses, and overwrites none', async () => {
    const cwd = temporary('init');
    for (const folder of ['.git', '.github']) mkdirSync(path.join(cwd, folder));
    await inProcess(['init', '--out', 'tests/digits.robust.yaml'], { cwd });
    const job = parse(read(cwd, '.github/workflows/robustness.yml')) as {
      jobs: { robustness: { steps: object[] } };
    };
    expect(JSON.stringify(job.jobs.robustness.steps)).toContain('run tests/digits.robust.yaml --output');
    expect((await inProcess(['init'], { cwd })).stdout).toMatch(/robustness\.yml is there already, and left/);
    await inProcess(['init', '--force', '--ci', 'gitlab'], { cwd });
    expect(parse(read(cwd, 'robustness.gitlab-ci.yml'))).toMatchObject({ robustness: { image: 'node:22' } });
    await inProcess(['init', '--force', '--ci', 'none'], { cwd: temporary('init') });
  });
});

it('a baseline is met by a renamed model, and where it is not, the run says what to write', async () => {
  const folder = temporary('renamed');
  const attacks = [
    { use: 'noise', params: { epsilon: '1/10' } },
    { use: 'noise', params: { epsilon: 0.2 } },
  ];
  const on = (model: string, name?: string) => {
    cpSync(path.dirname(digitsModel), path.join(folder, model), { recursive: true });
    const victim = { name, model: `./${model}/model.json`, kind: 'classifier', bounds: [0, 1] };
    return writeSpec(folder, attacks, { victim }, 'mine.robust.json');
  };
  const run = (spec: string, ...args: string[]) => gauntlet('run', spec, '-j', '0', ...args);
  await run(on('before'));
  const report = path.join(folder, 'gauntlet-report/mine');
  expect(readReport(report).cells.map(({ id, params }) => [id, params.epsilon])).toEqual([
    ['mine/noise epsilon=0.1', 0.1],
    ['mine/noise epsilon=0.2', 0.2],
  ]);
  const baseline = path.join(folder, 'baseline.json');
  expect((await gauntlet('bless', report, baseline)).code).toBe(0);
  expect((await run(on('after'), '--baseline', baseline)).code).toBe(0);
  const { code, stdout } = await run(on('after', 'other'), '--baseline', baseline);
  expect(code).toBe(3);
  expect(stdout).toContain('write "name: mine" into the victim of the spec');
});
