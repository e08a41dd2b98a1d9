// What a new machine can do, in one go: doctor, every engine that starts against onnx:cpu, and the benches. All of it is also
// written into a file that can be committed as it is.
//   node scripts/engine-check.mjs [--only onnx:webgpu] [--no-bench] [--python python3 --device cuda] [--output FILE]
import { execFile, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs, promisify, stripVTControlCharacters } from 'node:util';
import { engineNames, examineEngine } from '@gauntlet/core';

const today = new Date().toISOString().slice(0, 10);
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    'no-bench': { type: 'boolean', default: false },
    python: { type: 'string', default: 'python3' },
    /** Of PyTorch; a card if it sees one. */
    device: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    batch: { type: 'string', default: '100' },
    similarities: { type: 'string', default: 'paper,fast,gaussian' },
    /** For MINE-UAE. */
    images: { type: 'string', default: '200' },
    output: { type: 'string', default: `engines-${today}.md` },
  },
});
const root = path.resolve(import.meta.dirname, '..');
const file = (name) => path.join(root, name);

const written = [];
function say(text) {
  process.stdout.write(text);
  written.push(stripVTControlCharacters(text));
}
/** Runs a script and says what it says, as it says it. */
async function show(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: root });
  child.stdout.on('data', (data) => say(data.toString()));
  child.stderr.on('data', (data) => say(data.toString()));
  return new Promise((resolve) => child.on('close', resolve));
}

say(
  `# Engines of one machine\n\n${today}, \`node scripts/engine-check.mjs ${process.argv.slice(2).join(' ')}\`\n`,
);
say('\n## Doctor\n\n```\n');
await show([file('packages/cli/bin/gauntlet.js'), 'doctor']);
say('```\n');

const model = file('packages/zoo/models/digits-cnn');
async function numbers(engine) {
  const shape = ['28', '28', '1'];
  const args = [file('test/fixtures/engine-numbers.mjs'), engine, model, ...shape, 'gaussian,fast,positions'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 30 });
  return JSON.parse(stdout);
}
const flat = (value) => value.flat(Infinity);
/** The largest difference as a share of the largest number; of MINE's gradients without the thousandth that is farthest off. */
function apart(name, a, b) {
  const [left, right] = [flat(a), flat(b)];
  const size = right.reduce((max, value) => Math.max(max, Math.abs(value)), 1e-6);
  const differences = left.map((value, i) => Math.abs(value - right[i])).sort((x, y) => y - x);
  const leftOut = kinked.includes(name) ? Math.floor(differences.length / 1000) : 0;
  return differences[leftOut] / size;
}
/** Networks of rectifiers: where rounding puts one on the other side of its kink, the gradient of a position is another. */
const kinked = ['fast', 'positions'];
const lastLine = (error) =>
  String(error.stderr ?? error.message)
    .trim()
    .split('\n')
    .pop();

say(
  '\n## Conformance\n\nThe shipped classifier, largest difference from onnx:cpu as a share of the largest number. For fast and positions, networks with kinks, a thousandth of the numbers is left out.\n\n',
);
const quantities = ['logits', 'value', 'gradient', 'gaussian', 'fast', 'positions'];
say(`| engine | ${quantities.join(' | ')} | |\n|---|${'---:|'.repeat(quantities.length)}---|\n`);
const reference = await numbers('onnx:cpu');
const working = [];
let failures = 0;
const wanted = (name) => name !== 'onnx:cpu' && (!values.only || values.only.split(',').includes(name));
for (const engine of engineNames.filter(wanted)) {
  if ((await examineEngine(engine, 'start')).error !== undefined) continue;
  try {
    const found = await numbers(engine);
    const differences = quantities.map((name) => apart(name, found[name], reference[name]));
    const good = differences.every((difference) => difference < 1e-4);
    if (good) working.push(engine);
    else failures++;
    const shown = differences.map((difference) => difference.toExponential(1)).join(' | ');
    say(`| ${engine} | ${shown} | ${good ? '✓' : '✗ more than 1e-4'} |\n`);
  } catch (error) {
    failures++;
    say(`| ${engine} | ${' | '.repeat(quantities.length)}✗ ${lastLine(error)} |\n`);
  }
}

if (!values['no-bench']) {
  const seesCard = 'import torch; print("cuda" if torch.cuda.is_available() else "cpu")';
  const { stdout } = spawnSync(values.python, ['-c', seesCard], { encoding: 'utf8' });
  const device = values.device ?? (stdout?.trim() || 'cpu');
  const engines = ['onnx:cpu', ...working.filter((name) => name !== 'tfjs:cpu')];
  say(`\n## PGD and MinMax beside PyTorch (${device})\n\n`);
  const { python, rounds, batch, similarities, images } = values;
  const options = Object.entries({ engines: engines.join(), python, device, rounds, batch, similarities });
  await show([
    ...[file('bench/engines.mjs'), model],
    ...options.flatMap(([name, value]) => [`--${name}`, value]),
  ]);
  say('\n## MINE-UAE\n');
  const autoencoder = file('packages/zoo/models/digits-conv-ae/model.json');
  for (const engine of engines) {
    say('\n');
    await show([
      ...[file('bench/mine-uae.mjs'), autoencoder, '--engine', engine, '--images', images],
      ...(similarities.includes('paper') ? [] : ['--no-reference']),
    ]);
  }
}
writeFileSync(values.output, written.join(''));
console.log(`\nAll of this is in ${path.resolve(values.output)}.`);
process.exit(failures === 0 ? 0 : 1);
