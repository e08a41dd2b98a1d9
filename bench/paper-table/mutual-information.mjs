// The paper's other table, MinMax against penalty by their own estimate of mutual information, at equal estimator and
// equal steps, for several lengths of the estimator's training (its learning rate):
//   node bench/paper-table/mutual-information.mjs mnist [--images 10] [--workers 2] [--rates 1.5e-5,…]
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    images: { type: 'string', default: '10' },
    workers: { type: 'string', default: '2' },
    rates: { type: 'string', default: '1.5e-5,5e-5,7.6e-5,1e-4' },
    data: { type: 'string', default: path.join(import.meta.dirname, '../../../shared/data') },
    out: { type: 'string', default: path.join(tmpdir(), 'gauntlet-mi-table') },
    results: { type: 'string', default: path.join(import.meta.dirname, '../results/paper-table') },
  },
});
const [dataset = 'mnist'] = positionals;
const file = (...parts) => path.resolve(values.data, ...parts);
const settings = {
  mnist: {
    model: file('models/mnist-classifier/model.json'),
    dataset: {
      format: 'idx',
      images: file('mnist/t10k-images-idx3-ubyte.gz'),
      labels: file('mnist/t10k-labels-idx1-ubyte.gz'),
    },
    paper: 'MinMax 51.29, penalty 28.28',
  },
  cifar10: {
    model: file('models/cifar10-cnn-tfjs/cifar10_cnn.json'),
    dataset: { format: 'cifar10', files: [file('cifar10/test_batch.bin')] },
    paper: 'MinMax 17.14, penalty 13.69',
  },
}[dataset];

const rates = values.rates.split(',').map(Number);
const shared = (learningRate) => ({ similarity: 'fast', mineSteps: 20, learningRate });
const spec = {
  victim: { name: dataset, model: settings.model, kind: 'classifier', bounds: [0, 1] },
  dataset: { ...settings.dataset, take: Number(values.images) },
  seed: 1,
  attacks: rates.flatMap((rate) => [
    { use: 'minmax', name: `minmax ${rate}`, params: { ...shared(rate), iterations: 1000 } },
    { use: 'penalty', name: `penalty ${rate}`, params: { ...shared(rate), searches: 5, iterations: 200 } },
  ]),
};
mkdirSync(values.out, { recursive: true });
const specFile = path.join(values.out, `${dataset}.robust.json`);
writeFileSync(specFile, JSON.stringify(spec));
const output = path.join(values.out, dataset);
execFileSync(
  process.execPath,
  [
    path.join(import.meta.dirname, '../../packages/cli/bin/gauntlet.js'),
    'run',
    specFile,
    '--output',
    output,
    '--resume',
    '-j',
    values.workers,
  ],
  { stdio: 'inherit' },
);

const { cells } = JSON.parse(readFileSync(path.join(output, 'report.json'), 'utf8'));
const show = (cell, name) => cell.metrics[name]?.value.toPrecision(4) ?? '–';
const row = (cell) =>
  `${(100 * cell.metrics.asr.value).toFixed(0)} % | ${show(cell, 'mi.own')} | ${show(cell, 'mi')} | ${show(cell, 'l2')}`;
const lines = [
  `# ${dataset}: MinMax and penalty by their own estimate`,
  '',
  `First ${values.images} test images, ε 1, \`fast\`, 20 training steps of Θ an iteration; MinMax 1000 iterations, penalty 5 searches of 200. ${new Date().toISOString().slice(0, 10)}. The paper, over 1000 samples at 100 % ASR: ${settings.paper}.`,
  '',
  '| learning rate of Θ | MinMax: ASR | own MI | yardstick MI | L2 | penalty: ASR | own MI | yardstick MI | L2 |',
  '|---|---:|---:|---:|---:|---:|---:|---:|---:|',
  ...rates.map((rate, i) => `| ${rate} | ${row(cells[2 * i])} | ${row(cells[2 * i + 1])} |`),
];
mkdirSync(values.results, { recursive: true });
writeFileSync(path.join(values.results, `mutual-information-${dataset}.md`), `${lines.join('\n')}\n`);
console.log(lines.join('\n'));
