// Image gradients of larger networks, exported by PyTorch with random weights: ours on ONNX Runtime beside PyTorch's, in turns, one
// process of one thread each. CPU seconds and the most memory that a process held.
//   node bench/larger.mjs --python python3 [--only vit] [--rounds 3] [--steps 10] [--ways plain,channels_last,compiled]
// Python needs torch, torchvision and onnx. Writes bench/results/larger.md.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    folder: { type: 'string', default: path.join(tmpdir(), 'gauntlet-larger') },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '10' },
    ways: { type: 'string', default: 'plain,channels_last' },
    output: { type: 'string', default: path.join(here, 'results/larger.md') },
    // Of a process of ours: the network, its size of images and the batch.
    one: { type: 'string' },
  },
});
const steps = Number(values.steps);
/** Size of images, and how many are in a batch. */
const networks = {
  'resnet18-32': [32, 50],
  'resnet18-224': [224, 4],
  'mobilenet-v3-small-224': [224, 8],
  'vit-b16-224': [224, 2],
};
const fileOf = (name) => path.join(values.folder, `${name}.onnx`);

if (values.one) await ours(values.one);
else compare();

/** The gradient that PGD takes, as a worker of a run takes it. */
async function ours(name) {
  const { openVictim } = await import('@gauntlet/core');
  const { tf } = await import('@gauntlet/api');
  const [size, batch] = networks[name];
  const config = {
    name: 'victim',
    model: fileOf(name),
    kind: 'classifier',
    bounds: [0, 1],
    output: 'auto',
    preprocess: {},
  };
  const { victim } = await openVictim({ ...config, engine: 'onnx:cpu' }, [size, size, 3]);
  const x = tf.randomUniform([batch, size, size, 3], 0, 1, 'float32', 1);
  const labelLoss = { name: 'ce', aim: new Int32Array(batch), sign: 1 };
  const objective = Object.assign(
    () => {
      throw new Error('This engine knows the loss.');
    },
    { labelLoss },
  );
  const once = async () => {
    const { gradient, value, outputs } = await victim.differentiate(x, objective);
    await gradient.data();
    tf.dispose([gradient, value, ...Object.values(outputs)]);
  };
  const opening = process.cpuUsage();
  await once();
  const opened = process.cpuUsage(opening);
  const [clock, before] = [performance.now(), process.cpuUsage()];
  for (let i = 0; i < steps; i++) await once();
  const { user, system } = process.cpuUsage(before);
  const megabytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
  const first = (opened.user + opened.system) / 1e6;
  const taken = { seconds: (performance.now() - clock) / 1000, cpu: (user + system) / 1e6, megabytes, first };
  console.log(JSON.stringify(taken));
  process.exit(0);
}

function outputOf(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1e8 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return stdout.trim().split('\n').at(-1);
}

function compare() {
  mkdirSync(values.folder, { recursive: true });
  const script = path.join(here, 'peers/larger.py');
  const python = (...args) => outputOf(values.python, [script, ...args]);
  const ways = values.ways.split(',').filter(Boolean);
  const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
  const rows = [];
  for (const [name, [, batch]] of Object.entries(networks)) {
    if (!name.includes(values.only)) continue;
    if (!existsSync(fileOf(name))) python('export', values.folder, name);
    const results = new Map(['ours', ...ways].map((way) => [way, []]));
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const [way, all] of results) {
        const line =
          way === 'ours'
            ? outputOf(process.execPath, [
                import.meta.filename,
                '--one',
                name,
                '--folder',
                values.folder,
                '--steps',
                values.steps,
              ])
            : python('gradients', values.folder, name, way, String(batch), values.steps);
        const one = { ...JSON.parse(line), load: loadavg()[0] };
        all.push(one);
        console.error(
          `${name}, ${way}: ${((batch * steps) / one.cpu).toFixed(2)} a CPU second, ${one.megabytes.toFixed(0)} MB`,
        );
      }
    }
    const rate = (way) => (batch * steps) / median(results.get(way).map(({ cpu }) => cpu));
    const memory = (way) => median(results.get(way).map(({ megabytes }) => megabytes));
    const best = Math.max(...ways.map(rate));
    const least = Math.min(...ways.map(memory));
    for (const way of results.keys()) {
      const compared =
        way === 'ours'
          ? `| ${(rate(way) / best).toFixed(2)} | ${(memory(way) / least).toFixed(2)} |`
          : '| | |';
      rows.push(
        `| ${name}, batch ${batch} | ${way} | ${rate(way).toFixed(2)} | ${memory(way).toFixed(0)} ${compared}`,
      );
    }
  }
  const versions = outputOf(values.python, [
    '-c',
    'import torch, torchvision; print("torch", torch.__version__ + ", torchvision", torchvision.__version__)',
  ]);
  writeFileSync(
    values.output,
    `# Image gradients of larger networks

\`node bench/larger.mjs\`, ${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model}, Node ${process.version}, ${versions}: one process of one
thread each, median of ${values.rounds} in turns, ${steps} gradients of the cross-entropy of a batch after one that warms up. Load of the machine at the
end: ${loadavg()[0].toFixed(1)}.

| network | by | image gradients a CPU second | MB | ours / best | MB: ours / least |
|---|---|---:|---:|---:|---:|
${rows.join('\n')}
`,
  );
}
