// Side by side with published and separately measured figures, on real MNIST (the data folder is the first
// argument): node bench/known-answers.mjs ../shared/data [--quick]. About ten minutes on two cores.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';

const [data, quick] = process.argv.slice(2);
if (!data) throw new Error('Name the data folder (with mnist/ and models/mnist-classifier/ in it).');
const at = (...parts) => path.resolve(data, ...parts);
const output = path.join(import.meta.dirname, 'results/known-answers');
mkdirSync(output, { recursive: true });

const steps = (epsilon) => ({
  steps: 40,
  restarts: 1,
  stepSize: epsilon / 10,
  randomStart: false,
  keepImproving: true,
  epsilon,
});
/** Attack, number of images, what is known of it. */
const rows = [
  ['FGSM L∞ 0.05', 100, 'ASR 3 %, CE 0.067', { use: 'fgsm', params: { epsilon: 0.05 } }],
  ['FGSM L∞ 0.3', 100, 'ASR 85 %, CE 4.114', { use: 'fgsm', params: { epsilon: 0.3 } }],
  ['PGD L∞ 0.05', 100, 'ASR 3 %, CE 0.089', { use: 'pgd', params: steps(0.05) }],
  ['PGD L∞ 0.3', 100, 'ASR 100 %, CE 13.848, MI 2.91, L2 5.40', { use: 'pgd', params: steps(0.3) }],
  ['PGD L2 1', 100, 'ASR 11 %, CE 0.407', { use: 'pgd', params: { ...steps(1), norm: 'l2' } }],
  [
    'MinMax gaussian, 300',
    100,
    'ASR 100 %, MI 8.07, L2 1.85',
    { use: 'minmax', params: { similarity: 'gaussian', iterations: 300 } },
  ],
  [
    'MinMax fast, ε 0.3, 200',
    100,
    'ASR 86 %',
    { use: 'minmax', params: { similarity: 'fast', epsilon: 0.3, iterations: 200 } },
  ],
  [
    'MinMax fast, 500',
    100,
    'ASR 100 %, MI 6.71, L2 2.17',
    { use: 'minmax', params: { similarity: 'fast', iterations: 500 } },
  ],
  [
    'MinMax fast, 1000',
    40,
    'ASR 100 %, own MI 4.5 ± 0.8',
    { use: 'minmax', params: { similarity: 'fast', iterations: 1000 } },
  ],
  [
    'MinMax fast, 1800',
    20,
    'equal steps to penalty',
    { use: 'minmax', params: { similarity: 'fast', iterations: 1800 } },
  ],
  [
    'Penalty fast, 6 × 300',
    20,
    'ASR 100 % (6 searches)',
    { use: 'penalty', params: { similarity: 'fast', searches: 6, iterations: 300, mineSteps: 1 } },
  ],
  [
    'Penalty fast, 3 × 300 × 20',
    30,
    'ASR 50 %',
    { use: 'penalty', params: { similarity: 'fast', searches: 3, iterations: 300, mineSteps: 20 } },
  ],
].slice(0, quick ? 5 : undefined);

const sizes = [...new Set(rows.map(([, n]) => n))];
const cells = new Map();
for (const take of sizes) {
  const spec = {
    victim: {
      name: 'mnist',
      model: at('models/mnist-classifier/model.json'),
      kind: 'classifier',
      bounds: [0, 1],
    },
    dataset: {
      format: 'idx',
      images: at('mnist/t10k-images-idx3-ubyte.gz'),
      labels: at('mnist/t10k-labels-idx1-ubyte.gz'),
      take,
    },
    seed: 7,
    attacks: rows.filter(([, n]) => n === take).map(([name, , , attack]) => ({ name, ...attack })),
  };
  const file = path.join(output, `take-${take}.robust.json`);
  writeFileSync(file, JSON.stringify(spec));
  const folder = path.join(output, `take-${take}`);
  const main = path.join(import.meta.dirname, '../packages/cli/bin/gauntlet.js');
  spawnSync(process.execPath, [main, 'run', file, '--output', folder], { stdio: 'inherit' });
  for (const cell of JSON.parse(readFileSync(path.join(folder, 'report.json'), 'utf8')).cells)
    cells.set(cell.attack, cell);
}

const lines = [
  '| attack | n | known | ASR | mean CE | MI | own MI | L2 | seconds |',
  '|---|---|---|---|---|---|---|---|---|',
];
for (const [name, n, known] of rows) {
  const { metrics, outcomes } = cells.get(name);
  const mean = (pick) => outcomes.reduce((sum, one) => sum + (pick(one) ?? 0), 0) / outcomes.length;
  const show = (metric, digits = 2) => metrics[metric]?.value?.toFixed(digits) ?? '–';
  const spread = metrics['mi.own']?.std === undefined ? '' : ` ± ${metrics['mi.own'].std.toFixed(2)}`;
  const seconds = outcomes.reduce((sum, one) => sum + (one.seconds ?? 0), 0);
  lines.push(
    `| ${name} | ${n} | ${known} | ${(100 * metrics.asr.value).toFixed(0)} % | ${mean((one) => one.loss ?? one.cleanLoss).toFixed(3)} | ${show('mi')} | ${show('mi.own')}${spread} | ${show('l2')} | ${seconds.toFixed(0)} |`,
  );
}
const table = `${lines.join('\n')}\n`;
writeFileSync(path.join(import.meta.dirname, 'results/known-answers.md'), table);
console.log(table);
