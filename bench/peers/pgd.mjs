// The same PGD, whole processes from start to end: ours beside what a user of PyTorch would write, in turns in one run.
//   node bench/peers/pgd.mjs [--data ../shared/data] [--rounds 3] [--samples 1000] [--python …] [--ours ../other/checkout]
// Without --python a virtual environment is made in bench/peers/.venv. --ours measures another checkout beside this one.
// Writes bench/results/peers.md.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const root = path.join(here, '../..');
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: path.join(root, '../shared/data') },
    rounds: { type: 'string', default: '3' },
    samples: { type: 'string', default: '1000' },
    epsilons: { type: 'string', default: '0.1,0.3' },
    ways: { type: 'string', default: 'loop,torchattacks,foolbox,processes' },
    python: { type: 'string' },
    ours: { type: 'string', multiple: true, default: [] },
  },
});
const data = path.resolve(values.data);
const model = path.join(data, 'models/mnist-classifier');
const python = values.python ?? environment();
const workers = availableParallelism();
const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-peers-'));

/** Python with PyTorch, torchattacks and Foolbox. */
function environment() {
  const venv = path.join(here, '.venv');
  const made = path.join(venv, 'bin/python');
  if (existsSync(made)) return made;
  const packages = ['torch', 'torchvision', 'torchattacks', 'foolbox'];
  for (const [command, ...args] of [
    ['python3', '-m', 'venv', venv],
    [made, '-m', 'pip', 'install', '--quiet', ...packages],
  ]) {
    const { status } = spawnSync(command, args, { stdio: 'inherit' });
    if (status !== 0) process.exit(1);
  }
  return made;
}

/** Wall-clock and CPU seconds of a process and its children, its largest resident set and what it printed. */
async function timed(command, args) {
  const started = performance.now();
  const child = spawn('/usr/bin/time', ['-f', '%U %S %M', command, ...args]);
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (part) => (text[name] += part));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${text.stderr}`);
  const seconds = (performance.now() - started) / 1000;
  const [user, system, kilobytes] = text.stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { seconds, cpu: user + system, megabytes: kilobytes / 1024, stdout: text.stdout };
}

async function gauntlet(checkout, epsilon) {
  const spec = path.join(folder, `${epsilon}.robust.json`);
  const idx = (name) => path.join(data, 'mnist', name);
  const content = {
    victim: { model: path.join(model, 'model.onnx'), kind: 'classifier', bounds: [0, 1], engine: 'onnx:cpu' },
    dataset: {
      format: 'idx',
      images: idx('t10k-images-idx3-ubyte.gz'),
      labels: idx('t10k-labels-idx1-ubyte.gz'),
      take: Number(values.samples),
    },
    attacks: [
      { use: 'pgd', params: { epsilon, steps: 40, stepSize: epsilon / 10, randomStart: false, restarts: 1 } },
    ],
  };
  writeFileSync(spec, JSON.stringify(content));
  const output = path.join(folder, 'out');
  const bin = path.join(checkout, 'packages/cli/bin/gauntlet.js');
  const args = [bin, 'run', spec, '-j', String(workers), '--force', '--output', output];
  const measured = await timed(process.execPath, args);
  const { value, n } = JSON.parse(readFileSync(path.join(output, 'report.json'), 'utf8')).cells[0].metrics
    .asr;
  return { ...measured, attacked: n, broken: Math.round(value * n) };
}

async function peer(way, epsilon) {
  const args = [
    path.join(here, 'pgd.py'),
    way,
    String(epsilon),
    values.samples,
    model,
    path.join(data, 'mnist'),
  ];
  const measured = await timed(python, args);
  return { ...measured, ...JSON.parse(measured.stdout.trim().split('\n').at(-1)) };
}

const names = {
  loop: `PyTorch, plain loop, ${workers} threads`,
  torchattacks: 'torchattacks',
  foolbox: 'Foolbox',
  processes: `PyTorch, ${workers} processes, channels last, early stop`,
};
const ours = `gauntlet run -j ${workers}`;
const contenders = [
  [ours, (epsilon) => gauntlet(root, epsilon)],
  ...values.ours.map((checkout) => [
    `${ours}, ${path.basename(checkout)}`,
    (epsilon) => gauntlet(checkout, epsilon),
  ]),
  ...values.ways.split(',').map((way) => [names[way], (epsilon) => peer(way, epsilon)]),
];

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const load = [];
const lines = [];
for (const epsilon of values.epsilons.split(',').map(Number)) {
  const results = new Map(contenders.map(([name]) => [name, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, run] of contenders) {
      load.push(loadavg()[0]);
      results.get(name).push(await run(epsilon));
      const { seconds, cpu } = results.get(name).at(-1);
      console.error(
        `ε ${epsilon}, round ${round + 1}: ${name}: ${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of CPU`,
      );
    }
  }
  const of = (name, what) => median(results.get(name).map((one) => one[what]));
  const peers = contenders.map(([name]) => name).filter((name) => !name.startsWith(ours));
  const best = (what) => Math.min(...peers.map((name) => of(name, what)));
  lines.push(
    `## ε ${epsilon}`,
    '',
    '| | seconds (spread) | CPU seconds | MB | broken | seconds, best peer / this | CPU, best peer / this |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...contenders.map(([name]) => {
      const all = results.get(name).map(({ seconds }) => seconds);
      const { attacked, broken } = results.get(name)[0];
      const spread = `${Math.min(...all).toFixed(1)} – ${Math.max(...all).toFixed(1)}`;
      const ratio = (what) => (best(what) / of(name, what)).toFixed(2);
      return `| ${name} | ${of(name, 'seconds').toFixed(1)} (${spread}) | ${of(name, 'cpu').toFixed(1)} | ${of(name, 'megabytes').toFixed(0)} | ${broken} of ${attacked} | ${ratio('seconds')} | ${ratio('cpu')} |`;
    }),
    '',
  );
}
const versions = spawnSync(
  python,
  [
    '-c',
    'import sys; from importlib.metadata import version as v; print("Python", sys.version.split()[0] + ",", ", ".join(f"{p} {v(p)}" for p in ("torch", "torchattacks", "foolbox")))',
  ],
  { encoding: 'utf8' },
).stdout.trim();
const page = `# The same attack by Gauntlet and by its peers

\`node bench/peers/pgd.mjs\`: PGD, L∞, 40 steps of ε / 10, no random start, on ${values.samples} MNIST test images and \`mnist-classifier\`; whole
processes, start to end, median of ${values.rounds} rounds in turns. MB: the largest process.

${new Date().toISOString().slice(0, 10)}, ${workers} cores of ${cpus()[0].model.trim()}; Node ${process.version}, ${versions}. Load of the machine when a run began:
${Math.min(...load).toFixed(1)} to ${Math.max(...load).toFixed(1)}${Math.max(...load) > workers + 1 ? '. Others worked on it: compare the CPU seconds' : ''}.

${lines.join('\n')}`;
const file = path.join(root, 'bench/results/peers.md');
writeFileSync(file, page);
console.log(page);
