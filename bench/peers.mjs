// The same PGD by whole processes, start to end: ours beside what a user of PyTorch would write, in turns in one run.
//   node bench/peers.mjs [--rounds 3] [--images 1000] [--epsilons 0.1,0.3] [--ways processes] [--python python3]
//                        [--data ../shared/data] [--ours ../other/checkout] [--attack '{"use": "apgd"}']
// Without --python a virtual environment is made in bench/peers/.venv, with what PyPI has now. --ours measures another
// checkout beside this one, --attack another attack of ours beside PGD. Writes bench/results/peers.md.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const root = path.join(here, '..');
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: path.join(root, '../shared/data') },
    rounds: { type: 'string', default: '3' },
    images: { type: 'string', default: '1000' },
    epsilons: { type: 'string', default: '0.1,0.3' },
    ways: { type: 'string', default: 'loop,torchattacks,foolbox,processes' },
    python: { type: 'string' },
    ours: { type: 'string', multiple: true, default: [] },
    attack: { type: 'string', multiple: true, default: [] },
    output: { type: 'string', default: path.join(here, 'results/peers.md') },
  },
});
const data = path.resolve(values.data);
const model = path.join(data, 'models/mnist-classifier');
if (!existsSync(model)) throw new Error(`${model} is not there: name the data folder with --data.`);
const python = values.python ?? environment();
const workers = availableParallelism();
const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-peers-'));
const isLinux = process.platform === 'linux';

/** Python with PyTorch, torchattacks and Foolbox. */
function environment() {
  const venv = path.join(here, 'peers/.venv');
  const made = path.join(venv, 'bin/python');
  const ready = path.join(venv, 'ready');
  if (existsSync(ready)) return made;
  rmSync(venv, { recursive: true, force: true });
  for (const [command, ...args] of [
    ['python3', '-m', 'venv', venv],
    [made, '-m', 'pip', 'install', '--quiet', 'torch', 'torchvision', 'torchattacks', 'foolbox'],
  ]) {
    const { status } = spawnSync(command, args, { stdio: 'inherit' });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed.`);
  }
  writeFileSync(ready, '');
  return made;
}

/** Megabytes that a process and all below it hold at this moment, what they share counted once; NaN where none tells. */
function memoryOf(root) {
  const children = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      children.set(parent, [...(children.get(parent) ?? []), pid]);
    } catch {
      // It has ended in between.
    }
  }
  let kilobytes = 0;
  const open = [String(root)];
  for (const pid of open) {
    open.push(...(children.get(pid) ?? []));
    try {
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      // The same.
    }
  }
  return kilobytes / 1024;
}

/** Wall-clock and CPU seconds of a process and its children, the most memory that they held together, and what it printed. */
async function timed(command, args) {
  const started = performance.now();
  const child = spawn('/usr/bin/time', ['-f', '%U %S', command, ...args]);
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (part) => (text[name] += part));
  let megabytes = isLinux ? 0 : NaN;
  const looking = isLinux && setInterval(() => (megabytes = Math.max(megabytes, memoryOf(child.pid))), 250);
  const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
  clearInterval(looking);
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${text.stderr}`);
  const [user, system] = text.stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { seconds, cpu: user + system, megabytes, stdout: text.stdout };
}

/** One of our attacks; what it is not told is PGD as the peers do it. */
async function gauntlet(checkout, epsilon, attack = {}) {
  const spec = path.join(folder, `${epsilon}.robust.json`);
  const idx = (name) => path.join(data, 'mnist', name);
  const steps = { steps: 40, stepSize: epsilon / 10, randomStart: false, restarts: 1 };
  const { use = 'pgd', params = use === 'pgd' ? steps : {} } = attack;
  const content = {
    victim: { model: path.join(model, 'model.onnx'), kind: 'classifier', bounds: [0, 1], engine: 'onnx:cpu' },
    dataset: {
      format: 'idx',
      images: idx('t10k-images-idx3-ubyte.gz'),
      labels: idx('t10k-labels-idx1-ubyte.gz'),
      take: Number(values.images),
    },
    attacks: [{ use, params: { epsilon, ...params } }],
  };
  writeFileSync(spec, JSON.stringify(content));
  const output = path.join(folder, 'out');
  const bin = path.join(checkout, 'packages/cli/bin/gauntlet.js');
  const args = [bin, 'run', spec, '-j', String(workers), '--force', '--output', output];
  const measured = await timed(process.execPath, args);
  const { cells } = JSON.parse(readFileSync(path.join(output, 'report.json'), 'utf8'));
  const { value, n } = cells[0].metrics.asr;
  return { ...measured, attacked: n, broken: Math.round(value * n) };
}

async function peer(way, epsilon) {
  const script = path.join(here, 'peers/pgd.py');
  const args = [script, way, String(epsilon), values.images, model, path.join(data, 'mnist')];
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
    `${ours}, ${path.basename(path.resolve(checkout))}`,
    (epsilon) => gauntlet(checkout, epsilon),
  ]),
  ...values.attack.map((attack) => [
    `${ours}, \`${attack}\``,
    (epsilon) => gauntlet(root, epsilon, JSON.parse(attack)),
  ]),
  ...values.ways.split(',').map((way) => [names[way], (epsilon) => peer(way, epsilon)]),
];

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

/** Of one ε: what each contender took, in turns. */
async function measure(epsilon) {
  const results = new Map(contenders.map(([name]) => [name, []]));
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const [name, run] of contenders) {
      const load = loadavg()[0];
      const one = await run(epsilon);
      results.get(name).push({ ...one, load });
      console.error(
        `ε ${epsilon}, round ${round}: ${name}: ${one.seconds.toFixed(1)} s, ${one.cpu.toFixed(1)} s of CPU, ${one.broken} of ${one.attacked}`,
      );
    }
  }
  return results;
}

function tableOf(epsilon, results) {
  const of = (name, what) => median(results.get(name).map((one) => one[what]));
  const peers = contenders.map(([name]) => name).filter((name) => !name.startsWith(ours));
  const rows = contenders.map(([name]) => {
    const all = results.get(name);
    const range = (what) => {
      const list = all.map((one) => one[what]);
      return `${of(name, what).toFixed(1)} (${Math.min(...list).toFixed(1)} – ${Math.max(...list).toFixed(1)})`;
    };
    const ratio = (what) => (Math.min(...peers.map((one) => of(one, what))) / of(name, what)).toFixed(2);
    const { attacked, broken } = all[0];
    return `| ${name} | ${range('seconds')} | ${range('cpu')} | ${of(name, 'megabytes').toFixed(0)} | ${broken} of ${attacked} | ${ratio('seconds')} | ${ratio('cpu')} |`;
  });
  return [
    `## ε ${epsilon}`,
    '',
    '| | seconds (spread) | CPU seconds (spread) | MB | broken | seconds: best peer / this | CPU: best peer / this |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...rows,
    '',
  ];
}

const tables = [];
const loads = [];
for (const epsilon of values.epsilons.split(',').map(Number)) {
  const results = await measure(epsilon);
  tables.push(...tableOf(epsilon, results));
  loads.push(...[...results.values()].flatMap((all) => all.map(({ load }) => load)));
}
rmSync(folder, { recursive: true, force: true });
const report =
  'import sys; from importlib.metadata import version as v; print("Python", sys.version.split()[0] + ",", ", ".join(f"{p} {v(p)}" for p in ("torch", "torchattacks", "foolbox")))';
const versions = spawnSync(python, ['-c', report], { encoding: 'utf8' }).stdout.trim();
// Runs follow one another: what the one before has left in the average is no other's work.
const busy = Math.max(...loads) > workers + 1;
const page = `# The same attack by Gauntlet and by its peers

\`node bench/peers.mjs\`: PGD, L∞, 40 steps of ε / 10, no random start, on ${values.images} MNIST test images and \`mnist-classifier\`; whole
processes, start to end, median of ${values.rounds} rounds in turns. MB: the most that all processes of a run held at once, what they
share counted once.

${new Date().toISOString().slice(0, 10)}, ${workers} cores of ${cpus()[0].model.trim()}; Node ${process.version}, ${versions}. Load of the machine when a run began:
${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}${busy ? '. Others worked on it: compare the CPU seconds' : ''}.

${tables.join('\n')}`;
writeFileSync(values.output, page);
console.log(page);
