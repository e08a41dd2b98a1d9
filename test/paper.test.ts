// `npm run paper`, in its quick form on synthetic digits: what the full one does, in seconds.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { estimate, ratesOf } from '../bench/paper/estimate.mjs';
import { readOptions } from '../bench/paper/options.mjs';
import { curveBesideLevels } from '../bench/paper/page/figures.mjs';
import { writePage } from '../bench/paper/page/page.mjs';
import { reconstructionPart } from '../bench/paper/page/reconstruction.mjs';
import { paper } from '../bench/paper/paper.mjs';
import { planAtFullSize, remaining } from '../bench/paper/remaining.mjs';
import { probeAttack } from '../bench/paper/steps/probe.mjs';
import { describe as summary, pool, share } from '../bench/paper/statistics.mjs';
import { summariseMutualInformation } from '../bench/paper/summaries.mjs';
import { judgeMean, judgeOrder, judgeShare } from '../bench/paper/verdict.mjs';
import { temporary } from './support/cli.js';

describe('the command', () => {
  it('says what its options are', async () => {
    const said: string[] = [];
    await paper(['--help'], { log: (line) => said.push(line) });
    expect(said.join('\n')).toMatch(/\[mnist \| cifar10 \| svhn\][^]+--only regex/);
  });

  it.each([
    [['--nope'], /Unknown option '--nope'[^]+--only regex/],
    [['mnist', '--seeds'], /'--seeds <value>' argument missing/],
    [['mnist', 'svhn'], 'Give one dataset; found "mnist" and "svhn".'],
    [['mnist', '--again'], '--again needs --only'],
  ])('refuses %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(() => readOptions(args)).toThrow(message);
  });
});

describe('the quick form', () => {
  const folder = temporary('paper');
  const first: string[] = [];
  const args = ['mnist', '--quick', '--output', folder];
  const at = (name: string) => path.join(folder, name);
  const result = (part: string) =>
    JSON.parse(readFileSync(at(`results/mnist-${part}.json`), 'utf8')) as Record<string, unknown>;

  beforeAll(() => paper(args, { log: (line) => first.push(line) }));

  it('does every step, and says before how many there are', () => {
    expect(first).toContainEqual(expect.stringMatching(/^mnist mi: 5 of 5 steps left/));
    expect(first).toContainEqual(expect.stringMatching(/^mnist reconstruction: 12 of 12 steps left/));
    expect(result('mi')).toMatchObject({ done: 5, steps: 5 });
    expect(result('reconstruction')).toMatchObject({ done: 12, steps: 12 });
  });

  it('writes results that say how they were made', () => {
    expect(result('mi')).toMatchObject({
      quick: true,
      commands: ['npm run paper -- mnist --quick'],
      machines: [{ node: process.version }],
      seeds: [1],
      rows: expect.arrayContaining([
        expect.objectContaining({ name: 'minmax', asr: expect.objectContaining({ n: 10 }) }),
      ]),
    });
  });

  it('says how much of the images’ variance the autoencoder keeps', () => {
    const { models } = result('reconstruction') as { models: { variance: number }[] };
    expect(models.map(({ variance }) => variance > 0 && variance < 1.5)).toEqual([true]);
  });

  it('retrains with every addition, and without one for as many epochs and for as many steps', () => {
    const { retrained } = result('reconstruction') as {
      retrained: { added: string; steps: number; variance: number }[];
    };
    expect(retrained.map(({ variance }) => variance > 0 && variance < 1.5)).not.toContain(false);
    expect(retrained.map(({ added, steps }) => `${added} ${steps}`)).toEqual([
      'nothing 2',
      'nothing 3',
      'mine-uae 3',
      'l2-uae 3',
      'gaussian-0.01 3',
      'gaussian-0.001 3',
    ]);
  });

  it('writes a page with the paper’s numbers, a verdict for each row, and figures', () => {
    // Columns are aligned by spaces.
    const page = readFileSync(at('paper.md'), 'utf8').replaceAll(/ +/g, ' ');
    expect(page).toContain('says nothing about the paper');
    expect(page).not.toContain('What we found');
    expect(page).toMatch(/In all [^ ]+ (s|min) of processor time/);
    expect(page).toMatch(/\| MinMax, reference settings \|.*\| 100 %, 51\.29 \| ASR [^|]+; MI [^|]+ \|/);
    expect(page).toMatch(/\| sparse \| mine-uae \| – \| 0 \| not run \| 100 % \|.*cannot be said/);
    const figures = [...page.matchAll(/\(\.\/(paper\/[^)]+\.svg)\)/g)].map(([, file]) => file);
    expect(figures.length).toBeGreaterThan(0);
    for (const figure of figures)
      expect(readFileSync(at(figure), 'utf8')).toMatch(/^<svg .*<circle .*<\/svg>\n$/s);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('goes on where it was stopped: nothing is done again', async () => {
    const steps = at('quick/steps');
    const times = () => readdirSync(steps).map((file) => statSync(path.join(steps, file)).mtimeMs);
    const before = times();
    const again: string[] = [];
    await paper(args, { log: (line) => again.push(line) });
    expect(again).toContain('mnist mi: 0 of 5 steps left, about 0 s on one core');
    expect(times()).toEqual(before);
  });

  it('stops in the middle of a step, with results and page of what is done, and goes on from there', async () => {
    const output = temporary('paper-stopped');
    const stop = new AbortController();
    const log: string[] = [];
    const call = ['mnist', '--quick', '--part', 'mi', '--output', output];
    await paper(call, {
      signal: stop.signal,
      log: (line) => {
        log.push(line);
        if (line.startsWith('2/5 ')) stop.abort();
      },
    });
    expect(log).toContain('Stopped; the same command goes on here.');
    const { done } = JSON.parse(readFileSync(path.join(output, 'results/mnist-mi.json'), 'utf8')) as {
      done: number;
    };
    expect(done).toBe(1);
    expect(readFileSync(path.join(output, 'paper.md'), 'utf8')).toMatch(/ 1 step done/);
    const again: string[] = [];
    await paper(call, { log: (line) => again.push(line) });
    expect(again).toContainEqual(expect.stringMatching(/^mnist mi: 4 of 5 steps left/));
    expect(again).not.toContain('Stopped; the same command goes on here.');
  });

  it('does a step anew whose journal is of other settings', async () => {
    const output = temporary('paper-changed');
    const call = ['mnist', '--quick', '--only', 'mi-.*-(minmax|pgd-0.3)-0', '--output', output];
    await paper(call, { log: () => {} });
    const steps = path.join(output, 'quick/steps');
    const [minmax, pgd] = readdirSync(steps).map((file) => path.parse(file).name);
    const runOf = (id: string) => path.join(output, 'quick/work', id, 'run');
    cpSync(path.join(runOf(minmax), 'journal.jsonl'), path.join(runOf(pgd), 'journal.jsonl'));
    for (const lost of [path.join(steps, `${pgd}.json`), path.join(output, 'results')])
      rmSync(lost, { recursive: true });
    const log: string[] = [];
    await paper(call, { log: (line) => log.push(line) });
    expect(log).toContain(`1/1 ${pgd}`);
    const record = readFileSync(path.join(steps, `${pgd}.json`), 'utf8');
    expect(JSON.parse(record)).toMatchObject({ about: { name: 'pgd-0.3' } });
  });

  it('goes on elsewhere from the committed records: only what is missing is done, and what it needs', async () => {
    const other = temporary('paper-elsewhere');
    cpSync(at('results'), path.join(other, 'results'), { recursive: true });
    const log: string[] = [];
    const call = () => paper(['mnist', '--quick', '--output', other], { log: (line) => log.push(line) });
    await call();
    expect(log).toContain('mnist mi: 0 of 5 steps left, about 0 s on one core');
    expect(log).toContain('mnist reconstruction: 0 of 12 steps left, about 0 s on one core');
    const numbers = (folder: string, part: string) => {
      const text = readFileSync(path.join(folder, `results/mnist-${part}.json`), 'utf8');
      return { ...(JSON.parse(text) as Record<string, unknown>), from: '', to: '' };
    };
    for (const part of ['mi', 'reconstruction']) expect(numbers(other, part)).toEqual(numbers(folder, part));

    const records = path.join(other, 'results/steps/mnist-reconstruction.jsonl');
    const lines = readFileSync(records, 'utf8').split('\n');
    const without = lines.filter((line) => !line.includes('"id":"retrain-') || !line.includes('"l2-uae"'));
    expect(without).toHaveLength(lines.length - 1);
    writeFileSync(records, without.join('\n'));
    log.length = 0;
    await call();
    expect(log).toContainEqual(
      expect.stringMatching(/^mnist reconstruction: 1 of 12 steps left and 2 to do again for their models/),
    );
    const did = log.filter((line) => /^\d+\/\d+ /.test(line)).map((line) => line.split(' ')[1]);
    expect(did.map((id) => id.replace(/-dense.*seed-1/, ''))).toEqual([
      'train',
      'attack-l2-uae-00000',
      expect.stringMatching(/^retrain-l2-uae-20-images/),
    ]);
  });

  it('does only the steps that are asked for, and what they need', async () => {
    const log: string[] = [];
    const output = temporary('paper-only');
    await paper(['mnist', '--quick', '--only', 'attack-.*gaussian-0.01', '--output', output], {
      log: (line) => log.push(line),
    });
    expect(log).toContainEqual(
      expect.stringMatching(/^mnist reconstruction: 1 of 1 steps left and 1 to do again/),
    );
    const did = log.filter((line) => /^\d+\/\d+ /.test(line)).map((line) => line.split(' ')[1]);
    expect(did).toEqual([
      expect.stringMatching(/^train-dense/),
      expect.stringMatching(/^attack-dense.*-gaussian-0.01-00000$/),
    ]);
  });

  it('does a step once more, and keeps what it gave before where that differs', async () => {
    const other = temporary('paper-again');
    cpSync(at('results'), path.join(other, 'results'), { recursive: true });
    const file = path.join(other, 'results/steps/mnist-mi.jsonl');
    const text = readFileSync(file, 'utf8');
    const pgd = () =>
      readFileSync(file, 'utf8')
        .split('\n')
        .find((line) => line.includes('-pgd-')) ?? '';
    const [, hash = ''] = /"victimHash":"(\w+)"/.exec(pgd()) ?? [];
    writeFileSync(file, text.replaceAll(hash, 'elsewhere'));
    const log: string[] = [];
    const call = ['mnist', '--quick', '--part', 'mi', '--output', other];
    const again = () => paper([...call, '--only', 'pgd', '--again'], { log: (line) => log.push(line) });
    await again();
    expect(log).toContainEqual(
      expect.stringMatching(/^mnist mi: 0 of 1 steps left and 1 to do again, about/),
    );
    const kept = {
      result: { victimHash: hash },
      earlier: [{ result: { victimHash: 'elsewhere' }, machine: { node: process.version } }],
    };
    expect(JSON.parse(pgd())).toMatchObject(kept);
    await again();
    expect(JSON.parse(pgd())).toMatchObject(kept);
    expect(readFileSync(file, 'utf8').match(/"earlier"/g)).toHaveLength(1);
  });

  it('counts what is left for three seeds, which the page says of a full run', async () => {
    const rates = new Map(Object.entries(result('reconstruction').rates as Record<string, number>));
    const { mi, reconstruction } = remaining(await planAtFullSize(readOptions(args)), rates);
    expect(mi).toMatchObject({ open: 0 });
    expect(reconstruction).toMatchObject({ steps: 36, open: 24, unknown: 0 });
    expect(reconstruction.seconds).toBeGreaterThan(0);

    const [results, page] = [at('full/results'), at('full/paper.md')];
    mkdirSync(results, { recursive: true });
    const one = { cores: 2, gauntlet: 1, node: 2, onnxruntime: 3, tfjs: 4 };
    const machines = ['Fast CPU', 'Slow CPU'].map((cpu) => ({ cpu, ...one }));
    const full = (part: string, left: object) =>
      writeFileSync(
        path.join(results, `mnist-${part}.json`),
        JSON.stringify({ ...result(part), quick: false, left, machines }),
      );
    full('mi', mi);
    full('reconstruction', { ...reconstruction, seconds: 7200, unknown: 3 });
    await writePage({ results, page });
    const text = readFileSync(page, 'utf8');
    expect(text).toMatch(/ Fast CPU, 2 cores; Slow CPU, 2 cores +\| Gauntlet 1, Node 2, [^|;]+\|/);
    expect(text).toContain('Nothing is left at the paper’s size.');
    expect(text).toContain(
      'At the paper’s size 24 of 36 steps are open: about 2.0 h on one core, without the 3 whose rate nobody has measured yet.',
    );
  });

  it('refuses what it does not know', async () => {
    await expect(paper(['mnits', '--quick'])).rejects.toThrow(/mnist, cifar10, svhn/);
    await expect(paper(['mnist', '--part', 'all'])).rejects.toThrow(/mi, reconstruction, causes/);
    await expect(paper(['mnist', '--images', '0'])).rejects.toThrow(/--images/);
    await expect(paper(['mnist', '--passes', 'adversary=2'])).rejects.toThrow(/no autoencoder "adversary"/);
    await expect(paper(['mnist', '--passes', 'conv'])).rejects.toThrow(/--passes/);
    await expect(paper(['mnist', '--only', '('])).rejects.toThrow(/--only: Invalid regular expression/);
  });
});

it('counts a sample once that two steps of different sizes have', () => {
  const record = (indices: number[]) => ({
    about: { victim: 'v', name: 'minmax', attack: { use: 'minmax', params: {} } },
    seconds: 1,
    cpuSeconds: 1,
    result: { engine: 'e', index: indices, status: 'b'.repeat(indices.length), mi: indices },
  });
  const { rows } = summariseMutualInformation([record([2, 3]), record([0, 1, 2, 3])]);
  expect(rows).toMatchObject([{ asr: { k: 4, n: 4 }, mi: { n: 4, mean: 1.5 } }]);
});

it('compares attacks on the same model only; a row keeps what its steps gave first', () => {
  const result = (victimHash: string, index: number[], mi: number[]) => ({
    ...{ victimHash, engine: 'e', index, status: 'b'.repeat(index.length), mi },
  });
  const about = (name: string) => ({ victim: 'v', name, attack: { use: name, params: {} } });
  const cost = { seconds: 1, cpuSeconds: 1 };
  const minmax = { about: about('minmax'), ...cost, result: result('second', [0, 1, 2], [2, 2, 2]) };
  const pgd = (epsilon: number, victimHash: string) => ({
    about: { ...about(`pgd-${epsilon}`), attack: { use: 'pgd', params: { epsilon } } },
    ...{ ...cost, result: result(victimHash, [0], [5]) },
  });
  const { rows, pairs, models } = summariseMutualInformation([
    { ...minmax, earlier: [{ ...cost, result: result('first', [0, 1, 2], [1, 1, 1]) }] },
    { about: about('penalty-reference'), ...cost, result: result('first', [0], [10]) },
    { about: about('penalty-reference'), ...cost, result: result('second', [1], [100]) },
    { about: about('penalty-reference'), ...cost, result: result('third', [2], [1000]) },
    pgd(0.1, 'third'),
    pgd(0.2, 'first'),
    {
      about: { architecture: 'v' },
      ...cost,
      result: { testAccuracy: 0.6 },
      earlier: [{ ...cost, result: { testAccuracy: 0.7 } }],
    },
  ]);
  expect(rows).toMatchObject([
    { name: 'minmax', trainings: 1, mi: { n: 3, mean: 1 } },
    { name: 'penalty-reference', trainings: 3, mi: { n: 3, mean: 370 } },
    { name: 'pgd-0.1' },
    { name: 'pgd-0.2' },
  ]);
  expect(pairs).toMatchObject([
    { second: 'penalty-reference', mi: { n: 2, mean: (-9 - 98) / 2 } },
    { second: 'pgd-0.2', mi: { n: 1, mean: -4 } },
  ]);
  expect(models).toMatchObject([{ testAccuracy: 0.7, again: [0.6], seconds: 2 }]);
});

it('the page of this repository has no number that is none', () => {
  const page = readFileSync(path.join(import.meta.dirname, '../docs/paper.md'), 'utf8');
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

describe('a shorter training', () => {
  const result = {
    dataset: 'mnist',
    attacks: [{ name: 'mine-uae', model: 'm', asr: share(100, 100) }],
    retrained: [],
  };
  const modelOf = (epochs: number) => ({
    id: 'm',
    architecture: 'conv-autoencoder',
    images: 60_000,
    epochs,
    testError: 0.004,
  });
  const rowOf = (epochs: number) => reconstructionPart({ ...result, models: [modelOf(epochs)] });

  it('of a model is said, and nothing is said of its agreement with the paper', () => {
    const line = (epochs: number) => rowOf(epochs).find((row: string) => row.startsWith('| conv | mine-uae'));
    expect(line(1)).toMatch(/ASR cannot be said; .*trained for 1 of 20 passes/);
    expect(line(20)).toMatch(/ASR agrees/);
    const fewer = { ...result, attacks: [{ ...result.attacks[0], asr: share(50, 100) }] };
    const rows = reconstructionPart({ ...fewer, models: [modelOf(20)] });
    expect(rows.find((row) => row.startsWith('| conv | mine-uae'))).toMatch(
      /ASR does not agree; .*ASR 49\.9 points below the paper’s, one training beside one training; attacked/,
    );
    const another = { ...fewer.attacks[0], model: 'm2', asr: share(100, 100) };
    const two = reconstructionPart({
      ...fewer,
      models: [modelOf(20), { ...modelOf(20), id: 'm2' }],
      attacks: [...fewer.attacks, another],
    });
    // 50 % and 100 %: Student's t over two models takes in everything, with which nothing agrees.
    expect(two.find((row) => row.startsWith('| conv | mine-uae'))).toMatch(
      / 75 % \[0, 100\] .*ASR cannot be said; .*the interval of the ASR is 100 points wide/,
    );
    const few = reconstructionPart({ ...result, models: [{ ...modelOf(20), images: 883 }] });
    expect(few.find((row) => row.startsWith('| conv | mine-uae'))).toMatch(
      /ASR cannot be said; .*trained on 883 images, the paper on 60000/,
    );
    expect(rowOf(1).find((row: string) => row.startsWith('| conv | 60000 images, 1 pass'))).toMatch(
      /cannot be said .*trained for 1 of 20 passes/,
    );
  });
});

const twoSeeds = (architecture: string, epochs: number) =>
  ['m1', 'm2'].map((id) => ({ id, architecture, images: 60_000, epochs, testError: 0.01 }));

it('what training with an addition changes is its mean over seeds ± a deviation, which has no sign', () => {
  const seeds = twoSeeds('dense-autoencoder', 20);
  const measured = {
    dataset: 'mnist',
    attacks: [],
    models: seeds,
    retrained: seeds.map(({ id }, i) => ({
      model: id,
      added: 'l2-uae',
      share: 60_000,
      steps: 9,
      testError: 0.008 + 0.001 * i,
    })),
  };
  const row = (result: typeof measured) =>
    reconstructionPart(result).find((one) => one.startsWith('| dense | l2-uae'));
  expect(row(measured)).toContain(' | +15.0 % ± 7.1 % | ');
  // Not every trained model was trained on yet.
  const another = { ...measured, models: [...seeds, { ...seeds[0], id: 'm3' }] };
  expect(row(another)).toContain(' | +15.0 % ± 7.1 % (2 of 3 seeds) | ');
});

it('what training gives with a share of the perturbed images stands apart from what it gives with all', () => {
  const seeds = twoSeeds('sparse-autoencoder', 50);
  const arm = (model: string, share: number, testError: number) => ({
    model,
    added: 'mine-uae',
    share,
    steps: share,
    testError,
  });
  const rows = reconstructionPart({
    dataset: 'mnist',
    // The second model is attacked on fewer images, which makes it no smaller a part of the mean over models.
    attacks: [
      { name: 'mine-uae', model: 'm1', asr: share(54_000, 60_000) },
      { name: 'mine-uae', model: 'm2', asr: share(1_000, 1_000) },
    ],
    models: seeds,
    retrained: [arm('m1', 1_000, 0.004), arm('m2', 1_000, 0.004), arm('m1', 60_000, 0.003)],
  }).filter((row) => row.startsWith('| sparse | mine-uae'));
  const [all, few] = rows;
  expect(rows).toHaveLength(2);
  expect(all).toMatch(/\| mine-uae \| 60000 \| 61000 \| 95 % \[.*\| 0\.003 \(1 seed\) \|.*needs two/);
  expect(all).not.toContain('the paper adds one to each');
  expect(few).toMatch(/\| mine-uae \| 1000 \|.*\| 0\.004 ± 0 \|.*1000 perturbed images beside 60000 clean/);
});

it('a model that gives the same for every image has collapsed, which its rows say', () => {
  const rows = (variance?: number) =>
    reconstructionPart({
      dataset: 'svhn',
      attacks: [{ name: 'mine-uae', model: 'm', asr: share(54, 100) }],
      retrained: [],
      models: [
        {
          id: 'm',
          architecture: 'adversarial-autoencoder',
          images: 73_257,
          epochs: 500,
          testError: 0.04,
          variance,
        },
      ],
    }).filter((row) => row.startsWith('| adversarial |'));
  const [model, attacked] = rows(0.001);
  expect(model).toMatch(/\| 0\.04 \(1 seed\) \| 0\.1 % \(1 seed\) \|.*collapsed: its outputs hardly depend/);
  expect(attacked).toMatch(/\| mine-uae \|.*collapsed: its outputs hardly depend/);
  expect(rows(0.3).join()).not.toContain('collapsed');
  expect(rows()[0]).toMatch(/\| 0\.04 \(1 seed\) \| – \|/);
});

it('a model that collapses as it is trained on says nothing of what was added', () => {
  const seeds = twoSeeds('sparse-autoencoder', 50);
  const row = (variance?: number) =>
    reconstructionPart({
      dataset: 'mnist',
      attacks: [{ name: 'l2-uae', model: 'm1', asr: share(54_000, 60_000) }],
      models: seeds,
      retrained: seeds.map(({ id }) => ({
        model: id,
        added: 'l2-uae',
        share: 60_000,
        steps: 9,
        testError: 0.005,
        variance,
      })),
    }).find((one) => one.startsWith('| sparse | l2-uae'));
  expect(row(0.3)).toMatch(/error does not agree/);
  expect(row(0.3)).not.toContain('collapsed');
  expect(row()).toMatch(/error does not agree/);
  expect(row(0.001)).toMatch(/error cannot be said.*collapsed in 2 of 2 trainings/);
});

it('draws each level beside a curve with its name below, apart from what is drawn', () => {
  const levels = ['at rest', 'in haste'].map((label, i) => ({ label, mean: 5 - i, std: 1 }));
  const points = [1, 2].map((x) => ({ x, mean: x, note: `note ${x}` }));
  const svg = curveBesideLevels({ title: 't', xLabel: 'x', yLabel: 'y', points, levels });
  const names = [...svg.matchAll(/y="([\d.]+)"[^>]*>(at rest|in haste)</g)].map(([, y]) => Number(y));
  const deepest = Math.max(...[...svg.matchAll(/cy="([\d.]+)"/g)].map(([, y]) => Number(y)));
  expect(names).toHaveLength(2);
  expect(new Set(names).size).toBe(2);
  expect(Math.min(...names)).toBeGreaterThan(deepest);
  const notes = [...svg.matchAll(/cy="([\d.]+)"[^>]*><text[^>]*y="([\d.]+)"[^>]*>note/g)];
  expect(notes.map(([, dot, note]) => Math.sign(Number(note) - Number(dot)))).toEqual([-1, 1]);
  // No deviation's line is drawn over the note of a point.
  expect(svg.lastIndexOf('class="q"')).toBeLessThan(svg.indexOf('class="r"'));
  expect(Math.max(...names)).toBeLessThan(Number(/height="([\d.]+)"/.exec(svg)![1]));
});

describe('verdicts', () => {
  it('of numbers go by the interval, and by the precision of the paper', () => {
    expect(judgeShare(0.5, [0.45, 0.6])).toBe('agrees');
    expect(judgeShare(0.7, [0.45, 0.6])).toBe('does not agree');
    expect(judgeShare(0.61, [0.45, 0.6], 0.01)).toBe('agrees');
    expect(judgeShare(0.5, undefined)).toBe('cannot be said');
    expect(judgeShare(undefined, [0.45, 0.6])).toBe('cannot be said');
    expect(judgeMean(5, { mean: 5.1, interval: [4.2, 6] })).toBe('agrees');
    expect(judgeMean(5, { mean: 6.1, interval: [5.1, 7.1] })).toBe('does not agree');
  });

  it('of numbers say nothing by an interval that agrees with nearly everything', () => {
    expect(judgeShare(0.5, [0, 0.9])).toBe('cannot be said');
    expect(judgeShare(0.95, [0, 0.9])).toBe('does not agree');
    expect(judgeMean(5, { mean: 5, interval: [3, 7] })).toBe('cannot be said');
  });

  it('of orders go by the side of zero', () => {
    expect(judgeOrder(1, [0.1, 0.2])).toBe('agrees');
    expect(judgeOrder(-1, [0.1, 0.2])).toBe('does not agree');
    expect(judgeOrder(-1, [-0.2, -0.1])).toBe('agrees');
    expect(judgeOrder(1, [-0.1, 0.2])).toBe('cannot be said');
  });

  it('stand on intervals that are right', () => {
    // Student's t at 4 degrees of freedom: 3 ± 2.776 · 1.5811 / √5.
    const { mean, std, interval } = summary([1, 2, 3, 4, 5]);
    expect([mean, std, ...interval!]).toEqual([3, 1.5811, 1.0371, 4.9629].map((x) => expect.closeTo(x, 3)));
    expect(summary([7])).toEqual({ n: 1, mean: 7 });
    const parts = [[1, 2], [3, 4, 5], [], [9]].map(summary);
    const whole = summary([1, 2, 3, 4, 5, 9]);
    expect(pool(parts)).toEqual({
      n: 6,
      mean: expect.closeTo(whole.mean!, 9),
      std: expect.closeTo(whole.std!, 9),
      interval: whole.interval!.map((end) => expect.closeTo(end, 9)),
    });
    expect(pool([summary([7]), summary([])])).toEqual({ n: 1, mean: 7 });
    expect(share(81, 263).interval).toEqual([expect.closeTo(0.2553, 4), expect.closeTo(0.3662, 4)]);
  });
});

it('probes an attack in a folder of its own: two calls may do it at once', async () => {
  const attack = { name: 'pgd', use: 'pgd', params: { steps: 40 } };
  const task = { victim: { model: 'm.onnx' }, attack, dataset: {}, seed: 1 };
  const folders: string[] = [];
  const both = [0, 1].map(() =>
    probeAttack(task, (_, folder) => {
      mkdirSync(path.join(folder, 'run'));
      folders.push(folder);
      return Promise.resolve();
    }),
  );
  expect(await Promise.all(both)).toEqual([expect.any(Number), expect.any(Number)]);
  expect(folders).toHaveLength(6);
  expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
});

it('estimates hours from rates, and counts steps without one apart', () => {
  const rates = ratesOf([
    { cost: { rate: 'a', amount: 10 }, cpuSeconds: 20 },
    { cost: { rate: 'a', amount: 10 }, cpuSeconds: 40 },
  ]);
  const steps = [{ cost: { rate: 'a', amount: 100 } }, { cost: { rate: 'b', amount: 1 } }];
  expect(estimate(steps, rates)).toEqual({ seconds: 300, unknown: 1 });
});
