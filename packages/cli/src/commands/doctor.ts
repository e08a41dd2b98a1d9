import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import {
  chooseEngine,
  engineNames,
  type Examination,
  examineEngine,
  onGraphicsCard,
  softwareOnly,
} from '@gauntlet/core';
import { exitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

export const command = 'doctor';
export const describe = 'Show engines, devices, memory and speed, and what is missing';

const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** The package that an engine comes with. */
const packages: Record<string, string> = {
  onnx: 'onnxruntime-node',
  'tfjs:tensorflow-gpu': '@tensorflow/tfjs-node-gpu',
  'tfjs:tensorflow': '@tensorflow/tfjs-node',
  'tfjs:webgpu': '@tensorflow/tfjs-backend-webgpu',
  'tfjs:wasm': '@tensorflow/tfjs-backend-wasm',
  'tfjs:cpu': '@tensorflow/tfjs-backend-cpu',
};

export async function handler(_options: object, { stdout, env }: Io): Promise<number> {
  const say = (line: string) => stdout.write(`${line}\n`);
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  const cores = availableParallelism();
  say(`Node ${process.version} on ${process.platform} ${process.arch}`);
  say(`${cores} cores (${processor}), so ${cores} workers by default; engines use one thread in each`);
  say(`${gib(totalmem())} memory, ${gib(freemem())} free`);
  const card = nvidiaCard();
  if (card) say(`NVIDIA: ${card}`);
  say('');
  const auto = await chooseEngine();
  for (const name of engineNames) {
    const found = await examineEngine(name, 'measure');
    const device = deviceOf(name, processor, card, env);
    say(found.error === undefined ? working(name, device, found, name === auto) : missing(name, found));
    for (const line of lastLines(found.chatter)) say(`    its libraries say: ${line}`);
  }
  say('');
  say(`auto is ${auto}. Image-gradients/s: one worker, a small network on 28×28 images, 32 at a time.`);
  return exitCode.held;
}

function working(name: string, device: string, { rate = 0 }: Examination, auto: boolean): string {
  const speed = rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString('en');
  return `✓ ${name.padEnd(20)} ${versionOf(name).padEnd(8)} ${`${speed} image-gradients/s`.padEnd(26)} ${device}${auto ? '  ← auto' : ''}`;
}

function missing(name: string, { error = '' }: Examination): string {
  const why = error.replace(/^The engine \S+ cannot start: /, '').replace(/\s+/g, ' ');
  return `✗ ${name.padEnd(20)} ${why}`;
}

function versionOf(name: string): string {
  const from = createRequire(import.meta.resolve('@gauntlet/core'));
  try {
    const { version } = from(`${packages[name] ?? packages[name.split(':')[0]]}/package.json`) as {
      version: string;
    };
    return version;
  } catch {
    return '';
  }
}

function deviceOf(name: string, processor: string, card: string | undefined, env: Io['env']): string {
  if (/webgpu/.test(name)) return softwareOnly(env) ? 'software adapter (VK_DRIVER_FILES)' : (card ?? 'GPU');
  return onGraphicsCard(name) ? (card ?? 'GPU') : processor;
}

/** Name and memory of the first NVIDIA card, if its tools are there. */
function nvidiaCard(): string | undefined {
  try {
    const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'];
    const out = execFileSync('nvidia-smi', query, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const [name, memory, driver] = out.split('\n')[0].split(', ');
    return `${name}, ${memory}, driver ${driver}`;
  } catch {
    return undefined;
  }
}

const lastLines = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-3)
    .map((line) => line.slice(0, 200));
