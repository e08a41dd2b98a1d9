// What the examples of a baseline save on a model that was trained further: the same spec with and without them, in turns.
//   node bench/examples.mjs [--rounds 3] [--images 1000] [--training 10000] [--rates 1e-5,1e-4] [--python python3] [--data ../shared/data]
// Python needs torch and numpy. Writes bench/results/examples.md.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const root = path.join(here, '..');
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: path.join(root, '../shared/data') },
    rounds: { type: 'string', default: '3' },
    images: { type: 'string', default: '1000' },
    training: { type: 'string', default: '10000' },
    rates: { type: 'string', default: '1e-5,1e-4' },
    python: { type: 'string', default: 'python3' },
    output: { type: 'string', default: path.join(here, 'results/examples.md') },
  },
});
const data = path.resolve(values.data);
const model = path.join(data, 'models/mnist-classifier');
if (!existsSync(model)) throw new Error(`${model} is not there: name the data folder with --data.`);
const workers = availableParallelism();
const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-examples-'));

const pgd = (epsilon) => ({
  use: 'pgd',
  name: `pgd ${epsilon}`,
  params: { epsilon, steps: 40, stepSize: epsilon / 10, randomStart: false, restarts: 1 },
});
const specs = {
  'PGD, 40 steps, ε 0.1': [pgd(0.1)],
  'PGD, 40 steps, ε 0.3': [pgd(0.3)],
  'APGD, ε 0.3': [{ use: 'apgd', params: { epsilon: 0.3 } }],
  'Square, 1,000 queries, ε 0.3': [{ use: 'square', params: { epsilon: 0.3, queries: 1000 } }],
};

/** CPU seconds of a process and its children, and what it printed. */
function timed(command, args) {
  const { status, stdout, stderr } = spawnSync('/usr/bin/time', ['-f', '%U %S', command, ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  const [user, system] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return user + system;
}

function gauntlet(name, attacks, folderOfModel, reuse, ...args) {
  const spec = path.join(folder, `${name}.robust.json`);
  const idx = (file) => path.join(data, 'mnist', file);
  const content = {
    victim: {
      name: 'mnist',
      model: path.join(folderOfModel, 'model.json'),
      kind: 'classifier',
      bounds: [0, 1],
      engine: 'onnx:cpu',
    },
    dataset: {
      format: 'idx',
      images: idx('t10k-images-idx3-ubyte.gz'),
      labels: idx('t10k-labels-idx1-ubyte.gz'),
      take: Number(values.images),
    },
    reuse,
    attacks,
  };
  writeFileSync(spec, JSON.stringify(content));
  const output = path.join(folder, name);
  const bin = path.join(root, 'packages/cli/bin/gauntlet.js');
  const all = ['run', spec, '-j', String(workers), '--force', '--output', output, ...args];
  const cpu = timed(process.execPath, [bin, ...all]);
  const { cells } = JSON.parse(readFileSync(path.join(output, 'report.json'), 'utf8'));
  const { outcomes } = cells[0];
  const sum = (list) => list.reduce((total, value) => total + value, 0);
  return {
    cpu,
    attacked: outcomes.filter(({ status }) => ['broken', 'held'].includes(status)).length,
    broken: outcomes.filter(({ status }) => status === 'broken').length,
    tried: outcomes.filter(({ example }) => example).length,
    byExample: outcomes.filter(({ example }) => example === 'broken').length,
    passes: sum(outcomes.map(({ forwards = 0, gradients = 0 }) => forwards + gradients)),
    output,
  };
}

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};
const rows = [];
for (const rate of values.rates.split(',')) {
  const changed = path.join(folder, `trained-${rate}`);
  timed(values.python, [
    path.join(here, 'peers/fine_tune.py'),
    model,
    path.join(data, 'mnist'),
    changed,
    values.training,
    rate,
  ]);
  for (const [title, attacks] of Object.entries(specs)) {
    const baseline = path.join(folder, `${rows.length}.baseline.json`);
    const { output } = gauntlet('first', attacks, model, 'examples');
    timed(process.execPath, [path.join(root, 'packages/cli/bin/gauntlet.js'), 'bless', output, baseline]);
    // A changed model may be a regression; what counts here is how long it takes to know.
    const against = (name, reuse) =>
      gauntlet(name, attacks, changed, reuse, '--baseline', baseline, '--tolerance', '1');
    const rounds = Array.from({ length: Number(values.rounds) }, () => [
      against('without', 'none'),
      against('with', 'examples'),
    ]);
    const [without, reused] = rounds[0];
    const ratio = (what) => median(rounds.map(([a, b]) => a[what] / b[what])).toFixed(1);
    const both = (what) =>
      [0, 1].map((side) => median(rounds.map((round) => round[side][what])).toFixed(1)).join(' → ');
    rows.push(
      `| ${rate} | ${title} | ${without.broken} → ${reused.broken} of ${reused.attacked} | ${reused.byExample} of ${reused.tried} | ${without.passes} → ${reused.passes} (${(without.passes / reused.passes).toFixed(1)} ×) | ${both('cpu')} (${ratio('cpu')} ×) |`,
    );
    console.error(rows.at(-1));
  }
}
rmSync(folder, { recursive: true, force: true });
const text = `# Examples of a baseline

\`node bench/examples.mjs\`, ${new Date().toISOString().slice(0, 10)}: ${workers} × ${cpus()[0].model.trim()}, load ${loadavg()[0].toFixed(1)} at the end, Node ${process.version}; ${values.rounds} rounds in
turns, medians. \`mnist-classifier\` on ${values.images} MNIST test images is blessed with \`reuse: examples\`; then it is trained for one more pass over ${values.training}
training images (Adam at the rate in the table), and the same spec is run against the baseline without and with its examples. CPU seconds are those of whole
processes, start, referee and reports included. Passes are forward and backward ones of the attack and of trying examples, not of the referee.

| rate | attack | broken | broken by an example | passes | CPU seconds |
|---|---|---:|---:|---:|---:|
${rows.join('\n')}
`;
writeFileSync(values.output, text);
console.log(text);
