// What a new machine can do, in one go: doctor, every engine that starts against onnx:cpu, and the bench.
//   node scripts/engine-check.mjs [--only onnx:webgpu] [--no-bench] [--python python3 --device cuda]
import { execFile, spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    'no-bench': { type: 'boolean', default: false },
    python: { type: 'string', default: 'python3' },
    device: { type: 'string', default: 'cpu' },
    rounds: { type: 'string', default: '3' },
    batch: { type: 'string', default: '100' },
    similarities: { type: 'string', default: 'paper,fast,gaussian' },
  },
});
const root = path.resolve(import.meta.dirname, '..');
const file = (name) => path.join(root, name);
const show = (args) => spawnSync(process.execPath, args, { stdio: 'inherit', cwd: root }).status;

console.log(`# ${new Date().toISOString().slice(0, 10)}\n\n## Doctor\n`);
show([file('packages/cli/bin/gauntlet.js'), 'doctor']);

console.log(
  '\n## Conformance: the shipped classifier, largest difference from onnx:cpu as a share of the largest number\n',
);
const model = file('packages/zoo/models/digits-cnn');
const numbers = async (engine) => {
  const args = [
    file('test/fixtures/engine-numbers.mjs'),
    engine,
    model,
    '28',
    '28',
    '1',
    'gaussian,fast,positions',
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 30 });
  return JSON.parse(stdout);
};
const { engineNames, examineEngine } = await import('@gauntlet/core');
const reference = await numbers('onnx:cpu');
const flat = (value) => value.flat(Infinity);
const apart = (a, b) => {
  const [left, right] = [flat(a), flat(b)];
  const size = right.reduce((max, value) => Math.max(max, Math.abs(value)), 1e-6);
  return left.reduce((max, value, i) => Math.max(max, Math.abs(value - right[i])), 0) / size;
};
const quantities = ['logits', 'value', 'gradient', 'gaussian', 'fast', 'positions'];
console.log(`| engine | ${quantities.join(' | ')} | |\n|---|${'---:|'.repeat(quantities.length)}---|`);
const working = [];
let failures = 0;
for (const engine of engineNames.filter(
  (name) => name !== 'onnx:cpu' && (!values.only || values.only.split(',').includes(name)),
)) {
  if ((await examineEngine(engine, 'start')).error !== undefined) continue;
  try {
    const found = await numbers(engine);
    const differences = quantities.map((name) => apart(found[name], reference[name]));
    const good = differences.every((difference) => difference < 1e-4);
    failures += good ? 0 : 1;
    if (good) working.push(engine);
    console.log(
      `| ${engine} | ${differences.map((difference) => difference.toExponential(1)).join(' | ')} | ${good ? '✓' : '✗ more than 1e-4'} |`,
    );
  } catch (error) {
    failures++;
    console.log(
      `| ${engine} | ${String(error.stderr ?? error.message)
        .trim()
        .split('\n')
        .pop()} |`,
    );
  }
}
if (!values['no-bench']) {
  console.log('\n## Bench\n');
  const engines = ['onnx:cpu', ...working.filter((name) => name !== 'tfjs:cpu')].join();
  show([
    file('bench/engines.mjs'),
    model,
    '--engines',
    engines,
    '--python',
    values.python,
    '--device',
    values.device,
    '--rounds',
    values.rounds,
    '--batch',
    values.batch,
    '--similarities',
    values.similarities,
  ]);
}
process.exit(failures === 0 ? 0 : 1);
