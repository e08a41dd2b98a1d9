import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine, readNpz } from '@gauntlet/core';
import type { RetrainReport } from '@gauntlet/retraining';
import { saveModel } from '@gauntlet/zoo';
import { gauntlet, inProcess, repository, type Result, temporary, writeSpec } from './support/cli.js';
import { childrenOf, start } from './support/processes.js';
import { kerasFixture } from './support/keras.js';
import { itOnLinux } from './support/needs.js';

const autoencoder = path.join(repository, 'packages/zoo/models/digits-conv-ae/model.json');
const victim = { name: 'ae', model: autoencoder, kind: 'autoencoder', bounds: [0, 1] };
const digits = (take: number, seed = 1) => ({ format: 'plugin', use: 'digits', params: { seed }, take });

const retrainArgs = (spec: string, out: string) => [
  'retrain',
  spec,
  '--output',
  out,
  '--train-engine',
  'tfjs:wasm',
];

describe('augment', () => {
  it('writes training data for any framework, and goes on where it was stopped', async () => {
    const folder = temporary('augment');
    const spec = writeSpec(
      folder,
      [
        { use: 'l2-uae', params: { iterations: 5 } },
        { use: 'gaussian', params: { sigma: 0.01 } },
      ],
      { victim, dataset: digits(20) },
    );
    const out = path.join(folder, 'out');
    const { code, stderr } = await gauntlet('augment', spec, '--output', out, '-j', '0');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const manifest = JSON.parse(readFileSync(path.join(out, 'manifest.json'), 'utf8')) as {
      sets: { file: string; n: number; broken: number }[];
    };
    expect(manifest.sets.map(({ file, n }) => [file, n])).toEqual([
      ['ae-l2-uae.npz', 20],
      ['ae-gaussian.npz', 20],
    ]);
    const archive = await readNpz(path.join(out, 'ae-l2-uae.npz'));
    expect(archive('x').shape).toEqual([20, 28, 28, 1]);
    expect([...archive('index').data]).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(archive('y').shape).toEqual([20]);
    const { outcomes } = readReportOf(out);
    expect([...archive('broken').data]).toEqual(outcomes);
    const before = readFileSync(path.join(out, 'ae-l2-uae.npz'));
    expect((await gauntlet('augment', spec, '--output', out, '--resume', '-j', '0')).code).toBe(0);
    expect(readFileSync(path.join(out, 'ae-l2-uae.npz')).equals(before)).toBe(true);
    // Begun anew in other chunks and with another seed, nothing of the first run is left.
    const fresh = path.join(folder, 'fresh');
    for (const to of [out, fresh]) await gauntlet('augment', spec, '--output', to, '--seed', '9', '-j', '0');
    const written = [out, fresh].map((to) => readFileSync(path.join(to, 'ae-gaussian.npz')));
    expect(written[0].equals(written[1])).toBe(true);
  });

  /** 1 for each broken sample of the first cell, from the journal: augment writes no report. */
  function readReportOf(out: string): { outcomes: number[] } {
    const lines = readFileSync(path.join(out, 'journal.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { attack?: string; outcomes?: { index: number; status: string }[] });
    const all = lines.filter(({ attack }) => attack === 'l2-uae').flatMap(({ outcomes }) => outcomes!);
    return {
      outcomes: all.sort((a, b) => a.index - b.index).map(({ status }) => (status === 'broken' ? 1 : 0)),
    };
  }
});

describe('retrain', () => {
  const attacks = [
    { use: 'l2-uae', params: { iterations: 5 } },
    { use: 'gaussian', params: { sigma: 0.01 } },
  ];
  const retrain = { test: digits(10, 2), epochs: 2, batchSize: 3, seeds: 2 };
  const write = (folder: string, rest: object, change: object = {}) =>
    writeSpec(folder, attacks, { victim, dataset: digits(9), retrain: { ...retrain, ...rest }, ...change });
  const retrainHere = (spec: string, out: string, ...more: string[]) =>
    gauntlet(...retrainArgs(spec, out), '-j', '0', ...more);
  const reportIn = (out: string) =>
    JSON.parse(readFileSync(path.join(out, 'retrain.json'), 'utf8')) as RetrainReport;

  describe('on real trainings', () => {
    const folder = temporary('retrain');
    const out = path.join(folder, 'out');
    const spec = write(folder, {
      expect: { 'l2-uae': { improvement: { min: 0.9 }, testError: { max: 0.1 } } },
    });
    let result: Result;
    let report: RetrainReport;
    beforeAll(async () => {
      // This process trains; several of them are what the killed run below has.
      result = await retrainHere(spec, out);
      report = reportIn(out);
    });

    it('compares additions under both protocols, and gates on them', () => {
      expect(result.stderr).toBe('');
      expect(result.code).toBe(1);
      expect(result.stdout).toMatch(
        /✗ fail l2-uae: improvement is -?[\d.]+ over 2 seeds \(equal-epochs\); expected at least 0\.9\./,
      );
      const row = (attack: string | undefined, protocol: string) =>
        report.rows.find((one) => one.attack === attack && one.protocol === protocol)!;
      expect(report.trainer).toBe('conv-autoencoder');
      expect(report.rows).toHaveLength(6);
      // 2 epochs of 9 images in batches of 3, and of 18 with what is added.
      expect(row(undefined, 'equal-epochs').steps).toEqual([6, 6]);
      expect(row('l2-uae', 'equal-epochs').steps).toEqual([12, 12]);
      expect(
        report.rows.filter(({ protocol }) => protocol === 'equal-steps').map(({ steps }) => steps),
      ).toEqual([
        [12, 12],
        [12, 12],
        [12, 12],
      ]);
      const l2 = row('l2-uae', 'equal-steps');
      expect(l2.varianceKept.every((share) => share! > 0.5 && share! < 1.5)).toBe(true);
      expect(l2.mean).toBeCloseTo((l2.errors[0] + l2.errors[1]) / 2, 12);
      expect(l2.improvement).toBeCloseTo(1 - l2.mean / report.originalError, 12);
      expect(l2.improvementOverControl).toBeCloseTo(1 - l2.mean / row(undefined, 'equal-steps').mean, 12);
      const junit = readFileSync(path.join(out, 'junit.xml'), 'utf8');
      expect(junit).toMatch(/<testsuites tests="4" failures="2" errors="0">/);
      expect(existsSync(path.join(out, 'models/l2-uae-12-steps-seed-3/model.json'))).toBe(true);
    });

    itOnLinux('trains again what a killed worker was at, to the same result', async () => {
      const disturbed = path.join(folder, 'disturbed');
      const { child, done } = start([...retrainArgs(spec, disturbed), '-j', '2']);
      let killed: number[] = [];
      child.stdout!.on('data', (text: Buffer) => {
        if (killed.length > 0 || !text.toString().includes('original: test error')) return;
        killed = childrenOf(child.pid!);
        // By then one of them has begun the next training, of many.
        setTimeout(() => killed.forEach((pid) => process.kill(pid, 'SIGKILL')), 100);
      });
      expect((await done).code).toBe(1);
      expect(killed).not.toEqual([]);
      expect(reportIn(disturbed).rows).toEqual(report.rows);
    });

    it('repeats nothing on --resume', async () => {
      const journal = readFileSync(path.join(out, 'retrain.jsonl'), 'utf8');
      // As after a kill in the middle of a write.
      writeFileSync(path.join(out, 'retrain.jsonl'), `${journal}{"key":"unfin`);
      expect((await retrainHere(spec, out, '--resume')).code).toBe(1);
      expect(readFileSync(path.join(out, 'retrain.jsonl'), 'utf8')).toBe(journal);
    });

    it('trains again what a journal has no variance of', async () => {
      const journal = path.join(out, 'retrain.jsonl');
      const before = readFileSync(journal, 'utf8');
      const [original, ...others] = before.split('\n');
      writeFileSync(journal, [original.replace(/,"varianceKept":[^}]+/, ''), ...others].join('\n'));
      expect((await retrainHere(spec, out, '--resume')).code).toBe(1);
      expect(readFileSync(journal, 'utf8').endsWith(`\n${original}\n`)).toBe(true);
      expect(reportIn(out).originalVarianceKept).toBe(report.originalVarianceKept);
    });
  });

  describe('says what is wrong before anything is attacked', () => {
    const complaint = async (rest: object, change: object = {}) => {
      const folder = temporary('retrain');
      const { code, stderr } = await gauntlet('retrain', write(folder, rest, change), '--output', folder);
      expect(code).toBe(2);
      expect(existsSync(path.join(folder, 'seed-3'))).toBe(false);
      return stderr;
    };

    it('no section', async () => {
      expect(await complaint({}, { retrain: undefined })).toMatch(/The spec has no "retrain" section/);
    });
    it('a classifier', async () => {
      const classifier = {
        model: path.join(repository, 'packages/zoo/models/digits-cnn'),
        kind: 'classifier',
        bounds: [0, 1],
      };
      expect(await complaint({}, { victim: classifier, attacks: [attacks[1]] })).toMatch(
        /one victim, of kind autoencoder/,
      );
    });
    it('a file of Keras', async () => {
      const keras = { model: kerasFixture('keras3-autoencoder.keras'), kind: 'autoencoder', bounds: [0, 1] };
      expect((await complaint({}, { victim: keras })).replace(/\s+/g, ' ')).toMatch(
        /is a file of Keras; only .* tensorflowjs_converter --input_format keras keras3-autoencoder\.keras model/,
      );
    });
    it('fewer images than a batch', async () => {
      expect(await complaint({ batchSize: 64 })).toMatch(
        /There are 9 training images, fewer than one batch of 64/,
      );
    });
    it('an expectation of an attack that is not there', async () => {
      expect(await complaint({ expect: { 'l2-uea': { improvement: { min: 0 } } } })).toMatch(
        /There is no attack "l2-uea" to retrain with\. Did you mean "l2-uae"\?/,
      );
    });
    it('a recipe that the zoo does not have', async () => {
      expect(await complaint({ recipe: 'conv-autoencodr' })).toMatch(
        /The zoo has no "conv-autoencodr"\. Did you mean "conv-autoencoder"\?/,
      );
    });
  });

  /** A folder, and in it an autoencoder of one convolution. */
  const oneLayer = async (start: Partial<Parameters<typeof tfl.layers.conv2d>[0]> = {}) => {
    const folder = temporary('retrain');
    const model = path.join(folder, 'model');
    await openEngine('tfjs:wasm');
    const layers = [
      tfl.layers.conv2d({ filters: 1, kernelSize: 3, padding: 'same', inputShape: [28, 28, 1], ...start }),
    ];
    await saveModel(tfl.sequential({ layers }), model, {});
    return { folder, model };
  };

  it('does not pass with a collapsed model', async () => {
    const { folder, model } = await oneLayer({ kernelInitializer: 'zeros' });
    const spec = write(
      folder,
      {
        optimizer: 'sgd',
        learningRate: 1e-6,
        seeds: 1,
        protocols: ['equal-epochs'],
        expect: { gaussian: { improvement: { min: -1 }, testError: { max: 1 } } },
      },
      { victim: { ...victim, model }, attacks: [attacks[1]] },
    );
    const out = path.join(folder, 'out');
    const { code, stdout } = await retrainHere(spec, out);
    expect(stdout).toMatch(
      /\? inconclusive gaussian: improvement is -?[\de.-]+ over 1 seed .* The original model has collapsed/,
    );
    expect(stdout).toMatch(/\? inconclusive gaussian: testError is .* A trained model has collapsed/);
    expect(code).toBe(3);
    expect(reportIn(out).originalVarianceKept).toBe(0);
  });

  it('names divergence: a loss that is not a number ends it', async () => {
    const { folder, model } = await oneLayer();
    const spec = write(
      folder,
      { optimizer: 'sgd', learningRate: 1e12, epochs: 10, seeds: 1, protocols: ['equal-epochs'] },
      { victim: { ...victim, model }, attacks: [attacks[1]] },
    );
    const { code, stderr } = await retrainHere(spec, path.join(folder, 'out'));
    expect(stderr).toMatch(
      /The loss is (NaN|Infinity) after \d+ pass(es)? over the data: training has diverged/,
    );
    expect(code).toBe(3);
  });
});

describe('Ctrl-C', () => {
  it.each([
    ['while it attacks', /cell/],
    ['between two trainings', /original: test error/],
  ])('%s, stops a retraining with what it has, and says how to go on', async (_, interruptAt) => {
    const folder = temporary('retrain');
    const spec = writeSpec(folder, [{ use: 'l2-uae', params: { iterations: 5 } }], {
      victim,
      dataset: digits(20),
      retrain: { test: digits(2, 2), epochs: 1, batchSize: 20, seeds: 1 },
    });
    const args = [...retrainArgs(spec, path.join(folder, 'out')), '-j', '0'];
    const { code, stderr } = await inProcess(args, { interruptAt });
    expect(stderr).toMatch(/Go on with --resume/);
    expect(code).toBe(130);
  });
});
