// The paper's table of augmentation for one dataset and one autoencoder, both protocols, with the published numbers
// beside it. Goes on where it was stopped:
//   node bench/paper-table/run.mjs mnist conv [--images 500] [--test 2000] [--seeds 3] [--workers 2] [--out folder]
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { published } from './published.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    images: { type: 'string', default: '500' },
    test: { type: 'string', default: '2000' },
    seeds: { type: 'string', default: '3' },
    workers: { type: 'string', default: '2' },
    data: { type: 'string', default: path.join(import.meta.dirname, '../../../shared/data') },
    out: { type: 'string', default: path.join(tmpdir(), 'gauntlet-paper-table') },
    results: { type: 'string', default: path.join(import.meta.dirname, '../results/paper-table') },
  },
});
const [dataset = 'mnist', autoencoder = 'conv'] = positionals;
const take = Number(values.images);
const file = (...parts) => path.resolve(values.data, ...parts);

const datasets = {
  mnist: {
    train: { format: 'idx', images: file('mnist/train-images-idx3-ubyte.gz') },
    test: { format: 'idx', images: file('mnist/t10k-images-idx3-ubyte.gz') },
  },
  cifar10: {
    train: { format: 'cifar10', files: [1, 2, 3, 4, 5].map((i) => file(`cifar10/data_batch_${i}.bin`)) },
    test: { format: 'cifar10', files: [file('cifar10/test_batch.bin')] },
  },
  svhn: {
    train: { format: 'svhn', file: file('svhn/train_32x32.mat') },
    test: { format: 'svhn', file: file('svhn/test_32x32.mat') },
  },
};
/** Passes over the training images at first, and in retraining: small sets need more of them than the paper's. */
const epochs = {
  mnist: { sparse: [300, 60], dense: [300, 60], conv: [100, 20], adversarial: [60, 15] },
  cifar10: { sparse: [200, 40], dense: [200, 40], conv: [60, 15], adversarial: [60, 15] },
};
const [first, again] = (epochs[dataset] ?? epochs.cifar10)[autoencoder];
const most = { mnist: 10_000, cifar10: 1017, svhn: 200 }[dataset];
const train = { ...datasets[dataset].train, take };
const test = { ...datasets[dataset].test, take: Math.min(Number(values.test), most) };

const folder = path.join(values.out, `${dataset}-${autoencoder}-${take}`);
mkdirSync(folder, { recursive: true });
const gauntlet = (...args) =>
  execFileSync(
    process.execPath,
    [path.join(import.meta.dirname, '../../packages/cli/bin/gauntlet.js'), ...args],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );

const started = Date.now();
const reports = [];
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  const model = path.join(folder, `model-${seed}`);
  if (!existsSync(path.join(model, 'card.json')))
    gauntlet(
      'zoo',
      'train',
      `${autoencoder}-autoencoder`,
      '--dataset',
      JSON.stringify(train),
      '--test',
      JSON.stringify(test),
      '--out',
      model,
      '--epochs',
      String(first),
      '--seed',
      String(seed),
    );
  const spec = {
    victim: {
      name: `${dataset}-${autoencoder}`,
      model: path.join(model, 'model.json'),
      kind: 'autoencoder',
      bounds: [0, 1],
    },
    dataset: train,
    seed,
    attacks: [
      { use: 'mine-uae', params: { similarity: 'fast', rule: 'paper' } },
      { use: 'l2-uae' },
      { use: 'gaussian', name: 'gaussian 0.01', params: { sigma: 0.01 } },
      { use: 'gaussian', name: 'gaussian 0.001', params: { sigma: 0.001 } },
    ],
    retrain: { test, epochs: again, seeds: 1 },
  };
  const specFile = path.join(folder, `seed-${seed}.robust.json`);
  writeFileSync(specFile, JSON.stringify(spec, null, 2));
  const output = path.join(folder, `run-${seed}`);
  const done = path.join(output, 'retrain.json');
  if (!existsSync(done)) gauntlet('retrain', specFile, '--output', output, '--resume', '-j', values.workers);
  const manifest = JSON.parse(readFileSync(path.join(output, `seed-${seed}`, 'manifest.json'), 'utf8'));
  reports.push({ ...JSON.parse(readFileSync(done, 'utf8')), sets: manifest.sets });
}

const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
const std = (list) => Math.sqrt(list.reduce((sum, x) => sum + (x - mean(list)) ** 2, 0) / (list.length - 1));
const show = (list) => `${mean(list).toPrecision(4)} ± ${std(list).toExponential(1)}`;
const percent = (x) => `${x > 0 ? '+' : x < 0 ? '−' : ''}${Math.abs(100 * x).toFixed(1)} %`;
const originals = reports.map(({ originalError }) => originalError);
const paper = published[`${dataset} ${autoencoder}`];
const rows = reports[0].rows.map(({ attack, protocol }) => {
  const same = reports.map(({ rows }) =>
    rows.find((row) => row.attack === attack && row.protocol === protocol),
  );
  const control = reports.map(
    ({ rows }) => rows.find((row) => row.attack === undefined && row.protocol === protocol).mean,
  );
  const errors = same.map((row) => row.mean);
  return {
    protocol,
    attack: attack ?? 'nothing added',
    steps: same[0].steps[0],
    errors,
    // Seed by seed: each has a model of its own.
    improvements: errors.map((error, i) => 1 - error / originals[i]),
    overControl: errors.map((error, i) => 1 - error / control[i]),
    asr: attack && same.map((row) => row.asr[0]),
    mi: attack && reports.map(({ sets }) => sets.find((set) => set.attack === attack).mi),
  };
});
const about = {
  dataset,
  autoencoder,
  images: take,
  test: test.take,
  seeds: reports.length,
  epochs: [first, again],
  trainer: reports[0].trainer,
  engine: reports[0].engine,
  node: process.version,
  cpu: cpus()[0].model.trim(),
  date: new Date().toISOString().slice(0, 10),
};
const lines = [
  `# ${dataset}, ${autoencoder} autoencoder`,
  '',
  `${take} training images, ${test.take} test images, ${reports.length} seeds (each with a model, perturbations and an order of its own), ${first} epochs, then ${again} more, batch 100. Trained on ${about.engine}; ${about.cpu}, Node ${about.node}, ${about.date}.`,
  '',
  `Original: ${show(originals)}${paper ? ` (paper: ${paper.original}, on all training images)` : ''}. ± is the standard deviation over seeds.`,
  '',
  '| protocol | added | steps | test error | against the original | against nothing added | ASR on the training set | yardstick MI | paper: error | paper: ASR |',
  '|---|---|---:|---:|---:|---:|---:|---:|---:|---:|',
  ...rows.map(
    ({ protocol, attack, steps, errors, improvements, overControl, asr, mi }) =>
      `| ${protocol} | ${attack} | ${steps} | ${show(errors)} | ${percent(mean(improvements))} ± ${(100 * std(improvements)).toFixed(1)} | ${attack === 'nothing added' ? '–' : `${percent(mean(overControl))} ± ${(100 * std(overControl)).toFixed(1)}`} | ${asr ? `${(100 * mean(asr)).toFixed(1)} %` : '–'} | ${mi ? mean(mi).toFixed(2) : '–'} | ${protocol === 'equal-epochs' ? (paper?.[attack] ?? '–') : '–'} | ${protocol === 'equal-epochs' && paper?.asr[attack] ? `${paper.asr[attack]} %` : '–'} |`,
  ),
];
mkdirSync(values.results, { recursive: true });
const base = path.join(values.results, `${dataset}-${autoencoder}`);
writeFileSync(`${base}.md`, `${lines.join('\n')}\n`);
writeFileSync(`${base}.json`, `${JSON.stringify({ ...about, originals, rows }, null, 1)}\n`);
console.log(`${lines.join('\n')}\n\nthis call took ${Math.round((Date.now() - started) / 1000)} s`);
