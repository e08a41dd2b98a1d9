// Our attacks beside those of torchattacks, Foolbox, adv-lib and ART, on the same weights and images, each in a process of its
// own, in turns: samples broken, median length of the shortest, CPU seconds of the whole process and its children. Theirs
// run on one thread.
//   node bench/peers/attacks.mjs <data> [--classifier mnist-classifier] [--count 200] [--rows linf-0.1,fab-linf-0.1,art-linf-0.1] [--python python3]
// Without --python a virtual environment is made in bench/peers/.venv, with what it needs.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    classifier: { type: 'string', default: 'mnist-classifier' },
    count: { type: 'string', default: '200' },
    rows: { type: 'string', default: 'linf-0.1,l2-1.5,shortest' },
    only: { type: 'string', default: '' },
    python: { type: 'string' },
  },
});
const [data] = positionals;
if (!data) throw new Error('Name the data folder (with mnist/, cifar10/ and models/ in it).');
const here = import.meta.dirname;
const output = mkdtempSync(path.join(tmpdir(), 'gauntlet-peers-'));

/** A Python that has the other libraries. */
function python() {
  if (values.python) return values.python;
  const folder = path.join(here, '.venv');
  const main = path.join(folder, 'bin/python');
  if (existsSync(main)) return main;
  execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  const install = (...packages) =>
    execFileSync(main, ['-m', 'pip', 'install', ...packages], { stdio: 'inherit' });
  install('torch', 'torchattacks', 'foolbox', 'onnx', 'adversarial-robustness-toolbox', 'multiprocess');
  // What it is asked for besides is for drawing curves.
  install('--no-deps', 'adv-lib');
  return main;
}
const interpreter = python();

/** Runs a command to its end: what it printed, and the CPU seconds that it took. */
function timed(command, args) {
  const run = spawnSync('/usr/bin/time', ['-f', '%U %S', command, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const [user, system] = run.stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { ...run, cpu: user + system };
}

/** What an attack within a ball is compared with. */
const within = (norm, epsilon) => {
  const torch = (attack, params = {}) => ({ library: 'torchattacks', attack, norm, epsilon, params });
  const ours = (use, params = {}) => ({ use, params: { norm, epsilon, ...params } });
  const p = norm === 'linf' ? 0.8 : 0.1;
  const step = (2.5 * epsilon) / 40;
  const pgd = norm === 'linf' ? 'PGD' : 'PGDL2';
  return [
    ['PGD, 40 steps', ours('pgd', { steps: 40, restarts: 1 }), torch(pgd, { steps: 40, alpha: step })],
    ['APGD-CE', ours('apgd'), torch('APGD', { steps: 100 })],
    ['APGD-DLR', ours('apgd', { loss: 'dlr' }), torch('APGD', { steps: 100, loss: 'dlr' })],
    ['APGD-T', ours('apgd-t'), torch('APGDT', { steps: 100 })],
    [
      'Square, 1,000 queries',
      ours('square', { queries: 1000, p }),
      torch('Square', { n_queries: 1000, p_init: p }),
    ],
    // torchattacks gives each of AutoAttack's attacks 10 steps, where the paper gives it 100.
    ['standard / AutoAttack, 10 steps', ours('standard'), torch('AutoAttack', { seed: 0 })],
    ['standard / AutoAttack, 100 steps', ours('standard'), torch('AutoAttack', { steps: 100 })],
  ];
};
/** What the targeted FAB of AutoAttack, with the paper's 100 steps, breaks beyond each of ours. */
const besideFab = (norm, epsilon) => {
  const fab = {
    library: 'torchattacks',
    attack: 'FAB',
    norm,
    epsilon,
    params: { steps: 100, multi_targeted: true, n_classes: 10 },
  };
  return [
    ['FMN / FAB-T', { use: 'fmn', params: { norm, epsilon } }, fab],
    ['standard / FAB-T', { use: 'standard', params: { norm, epsilon } }, fab],
  ];
};
/** The same attacks as ART has them. */
const besideArt = (norm, epsilon) => {
  const art = (attack, params) => ({
    library: 'adversarial-robustness-toolbox',
    attack,
    norm,
    epsilon,
    params: { batch_size: 100, ...params },
  });
  const ours = (use, params = {}) => ({ use, params: { norm, epsilon, ...params } });
  const quiet = { verbose: false };
  const p = norm === 'linf' ? 0.8 : 0.1;
  const pgd = { max_iter: 40, eps_step: (2.5 * epsilon) / 40, num_random_init: 1, ...quiet };
  const apgd = { max_iter: 100, eps_step: 2 * epsilon, nb_random_init: 1, ...quiet };
  const square = { max_iter: 1000, p_init: p, nb_restarts: 1, ...quiet };
  return [
    [
      'PGD, 40 steps / ART',
      ours('pgd', { steps: 40, restarts: 1 }),
      art('ProjectedGradientDescentPyTorch', pgd),
    ],
    [
      'APGD-CE / ART',
      ours('apgd'),
      art('AutoProjectedGradientDescent', { ...apgd, loss_type: 'cross_entropy' }),
    ],
    [
      'APGD-DLR / ART',
      ours('apgd', { loss: 'dlr' }),
      art('AutoProjectedGradientDescent', { ...apgd, loss_type: 'difference_logits_ratio' }),
    ],
    ['Square, 1,000 queries / ART', ours('square', { queries: 1000, p }), art('SquareAttack', square)],
    // Two APGDs of 5 starts, DeepFool and Square of 5 starts, with its defaults.
    ['standard / AutoAttack of ART', ours('standard'), art('AutoAttack', { eps_step: 2 * epsilon })],
  ];
};
const advLib = (attack, norm, params) => ({ library: 'adv-lib', attack, norm, params });
const foolbox = (attack, norm, params = {}) => ({ library: 'foolbox', attack, norm, params });
const shortest = [
  ['FMN L∞', { use: 'fmn', params: { norm: 'linf' } }, foolbox('LInfFMNAttack', 'linf')],
  ['FMN L2', { use: 'fmn', params: { norm: 'l2' } }, foolbox('L2FMNAttack', 'l2')],
  ['FMN L1', { use: 'fmn', params: { norm: 'l1' } }, foolbox('L1FMNAttack', 'l1')],
  ['FMN L0, 100 steps', { use: 'fmn', params: { norm: 'l0' } }, advLib('fmn', 'l0', { norm: 0, steps: 100 })],
  [
    'FMN L0, 1,000 steps',
    { use: 'fmn', params: { norm: 'l0', steps: 1000 } },
    advLib('fmn', 'l0', { norm: 0, steps: 1000 }),
  ],
  [
    'C&W, 7 × 400 steps',
    { use: 'cw', params: { searches: 7, steps: 400, initialConstant: 0.1 } },
    foolbox('L2CarliniWagnerAttack', 'l2', { binary_search_steps: 7, steps: 400, initial_const: 0.1 }),
  ],
  ['DeepFool L∞', { use: 'deepfool', params: { norm: 'linf' } }, foolbox('LinfDeepFoolAttack', 'linf')],
  ['DeepFool L2', { use: 'deepfool', params: {} }, foolbox('L2DeepFoolAttack', 'l2')],
  [
    // 25 steps of 100 √t draws each, and what bisection takes.
    'HopSkipJump L2, 10,000 queries',
    { use: 'hop-skip-jump', params: {} },
    foolbox('HopSkipJumpAttack', 'l2', { steps: 25 }),
  ],
  ['DDN', { use: 'ddn', params: {} }, advLib('ddn', 'l2', { steps: 100, levels: null })],
];
const tables = values.rows.split(',').flatMap((name) => {
  if (name === 'shortest') return [{ name, norm: undefined, rows: shortest }];
  const [norm, epsilon] = name.replace(/^(fab|art)-/, '').split('-');
  const rows = name.startsWith('fab-') ? besideFab : name.startsWith('art-') ? besideArt : within;
  return [{ name, norm, rows: rows(norm, Number(epsilon)) }];
});

const versions = {};
const measured = new Map();
/** What two of ours are held against is run once. */
function theirs(wanted) {
  const key = JSON.stringify(wanted);
  if (!measured.has(key)) measured.set(key, runTheirs(wanted));
  return measured.get(key);
}
function runTheirs(wanted) {
  const args = [path.join(here, 'attacks.py'), data, values.classifier, values.count, JSON.stringify(wanted)];
  const run = timed(interpreter, args);
  if (run.status !== 0) throw new Error(run.stderr);
  const found = JSON.parse(run.stdout.trim().split('\n').at(-1));
  Object.assign(versions, found.versions);
  return { broken: found.broken, lengths: found.lengths, cpu: run.cpu };
}

const models = {
  'mnist-classifier': 'model.onnx',
  'mnist-dnn-tfjs': 'mnist_dnn.json',
  'cifar10-cnn-tfjs': 'cifar10_cnn.json',
};
const dataset = values.classifier.startsWith('cifar10')
  ? { format: 'cifar10', files: path.resolve(data, 'cifar10/test_batch.bin') }
  : {
      format: 'idx',
      images: path.resolve(data, 'mnist/t10k-images-idx3-ubyte.gz'),
      labels: path.resolve(data, 'mnist/t10k-labels-idx1-ubyte.gz'),
    };
let runs = 0;
function ours(attack, norm) {
  const spec = path.join(output, `${runs++}.robust.json`);
  writeFileSync(
    spec,
    JSON.stringify({
      victim: {
        name: 'victim',
        model: path.resolve(data, 'models', values.classifier, models[values.classifier]),
        kind: 'classifier',
        bounds: [0, 1],
      },
      dataset: { ...dataset, take: Number(values.count) },
      seed: 1,
      attacks: [attack],
    }),
  );
  const folder = `${spec}.run`;
  const main = path.join(here, '../../packages/cli/bin/gauntlet.js');
  const run = timed(process.execPath, [main, 'run', spec, '--output', folder]);
  const report = path.join(folder, 'report.json');
  if (!existsSync(report)) throw new Error(`${run.stdout}${run.stderr}`);
  const { cells, victims } = JSON.parse(readFileSync(report, 'utf8'));
  Object.assign(versions, { engine: victims[0].engine });
  const broken = cells[0].outcomes.filter(({ status }) => status === 'broken');
  const stages = broken.reduce((all, { stage }) => ({ ...all, [stage]: (all[stage] ?? 0) + 1 }), {});
  return {
    broken: broken.map(({ index }) => index),
    lengths: broken.map((one) => one[norm]),
    cpu: run.cpu,
    stages: attack.use === 'standard' ? stages : undefined,
  };
}

const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0].model}, Node ${process.version}`,
);
for (const { name, norm, rows } of tables) {
  console.log(`\n${values.classifier}, the first ${values.count} test images, ${name}:\n`);
  const measure = norm ? '' : ' median: ours | theirs |';
  console.log(
    `| attack | broken: ours | theirs | ours alone | theirs alone |${measure} CPU seconds: ours | theirs |\n|---|${'---:|'.repeat(norm ? 6 : 8)}`,
  );
  const union = { ours: new Set(), theirs: new Set() };
  for (const [title, mine, other] of rows) {
    if (values.only && !new RegExp(values.only).test(title)) continue;
    const [a, b] = [ours(mine, norm ?? other.norm), theirs(other)];
    a.broken.forEach((index) => union.ours.add(index));
    b.broken.forEach((index) => union.theirs.add(index));
    const without = (some, others) => some.filter((index) => !others.includes(index)).length;
    const alone = [without(a.broken, b.broken), without(b.broken, a.broken)];
    const lengths = norm
      ? ''
      : ` ${median(a.lengths)?.toFixed(4) ?? '–'} | ${median(b.lengths)?.toFixed(4) ?? '–'} |`;
    const where = a.stages ? ` (${JSON.stringify(a.stages)})` : '';
    console.log(
      `| ${title}${where} | ${a.broken.length} | ${b.broken.length} | ${alone.join(' | ')} |${lengths} ${a.cpu.toFixed(0)} | ${b.cpu.toFixed(0)} |`,
    );
  }
  if (norm) console.log(`| union | ${union.ours.size} | ${union.theirs.size} | | | | |`);
}
console.log(`\n${JSON.stringify(versions)}`);
