// What a queue costs: node bench/queue.mjs [chunks] with redis-server installed. Chunks here take no time at a worker.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { QueueHost, readAddress, serve } from '../packages/queue/dist/index.js';

const samples = 100;
const env = { GAUNTLET_QUEUE_KEY: 'a key' };
/** As large as those of PGD on a classifier. */
const outcome = (index) => ({
  ...{ index, status: 'broken', label: 3, cleanPrediction: 3, cleanConfidence: 0.991234567 + index / 1e9 },
  ...{ cleanLoss: 0.012345678, prediction: 5, confidence: 0.812345678 + index / 1e9, loss: 2.1234567891234 },
  ...{
    brokenRounded: true,
    linf: 0.1000000014,
    l2: 1.67812345678,
    l1: 31.1234567891,
    l0: 412,
    mi: 7.29512345,
  },
  ...{ miSelf: 11.7412345678, forwards: 41, gradients: 40, zeroGradients: 0, seconds: 0.0123456789 },
});
const host = {
  run: async ({ indices }) => ({ outcomes: indices.map(outcome), engines: ['none'], traces: [] }),
  close: async () => {},
};
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

async function work(url) {
  const end = new AbortController();
  process.on('SIGTERM', () => end.abort());
  const rest = {
    env,
    slots: 200,
    cache: tmpdir(),
    allowPlugins: true,
    packages: [],
    lock: 30,
    reconnect: 60,
  };
  await serve(readAddress(url, env), { host, ...rest, signal: end.signal, say: () => {} });
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function measure(chunks) {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-bench-queue-'));
  const redis = spawn('redis-server', ['--port', port, '--save', '', '--dir', folder], { stdio: 'ignore' });
  await sleep(1000);
  const worker = spawn(process.execPath, [import.meta.filename ?? process.argv[1], '--work', url], {
    stdio: 'inherit',
  });
  const ask = async (section) => {
    const child = spawn('redis-cli', ['-p', port, 'info', section]);
    let text = '';
    for await (const data of child.stdout) text += data;
    return (name) => Number(new RegExp(`^${name}:(\\d+(\\.\\d+)?)`, 'm').exec(text)?.[1]);
  };
  const model = path.join(folder, 'model.bin');
  const plugin = path.join(folder, 'attack.mjs');
  writeFileSync(model, 'a model');
  writeFileSync(plugin, 'export default [];\n');
  const task = {
    ...{ kind: 'chunk', seed: 1, traces: [], unbounded: [] },
    victim: {
      name: 'digits',
      model,
      kind: 'classifier',
      bounds: [0, 1],
      engine: 'onnx:cpu',
      output: 'auto',
      preprocess: {},
    },
    dataset: { format: 'npz', file: model, imagesKey: 'x', take: 1000 },
    attack: {
      ...{ name: 'pgd', use: 'pgd', version: 1, usesGradients: true, expectations: [] },
      plugin: { url: pathToFileURL(plugin).href, name: 'pgd' },
      params: { norm: 'linf', epsilon: 0.1, steps: 40, stepSize: 0.01, restarts: 1, randomStart: true },
      threat: { norm: 'linf', epsilon: 0.1 },
    },
  };
  const planner = await QueueHost.open(readAddress(url, env), {
    ...{ spec: 'bench', timeout: 600, priority: 1, verify: 0, store: 1e6, packages: [], local: host },
    say: () => {},
  });
  const never = new AbortController().signal;
  const chunk = (i) => ({ ...task, indices: Array.from({ length: samples }, (_, k) => i * samples + k) });
  while (planner.slots === 0) await sleep(100);
  await planner.run(chunk(0), never);

  const [commands, server, own] = [(await ask('stats'))('total_commands_processed'), await ask('cpu'), cpu()];
  const calls = (await ask('stats'))('total_net_input_bytes');
  const started = performance.now();
  await Promise.all(Array.from({ length: chunks }, (_, i) => planner.run(chunk(i + 1), never)));
  const seconds = (performance.now() - started) / 1000;
  const mine = cpu() - own;
  const [after, stats] = [await ask('cpu'), await ask('stats')];
  const busy = (at) => at('used_cpu_sys') + at('used_cpu_user');
  worker.kill('SIGSTOP');
  const before = (await ask('memory'))('used_memory');
  const waiting = 400;
  const stop = new AbortController();
  const heavy = Array.from({ length: waiting }, (_, i) => planner.run(chunk(i), stop.signal).catch(() => {}));
  await sleep(3000);
  const jobs = (await ask('memory'))('used_memory');
  const open = Math.min(waiting, Math.max(4, 2 * planner.slots));
  stop.abort();
  await Promise.all(heavy);
  worker.kill('SIGKILL');
  await planner.close();
  redis.kill('SIGKILL');
  const rows = {
    chunks: chunks,
    'chunks a second, on this machine': (chunks / seconds).toFixed(0),
    'commands in Redis for a chunk, those within scripts included': (
      (stats('total_commands_processed') - commands) /
      chunks
    ).toFixed(1),
    'bytes into Redis for a chunk': ((stats('total_net_input_bytes') - calls) / chunks).toFixed(0),
    'CPU of the planner for a chunk, ms': (mine / chunks).toFixed(2),
    'CPU of Redis for a chunk, ms': (((busy(after) - busy(server)) * 1000) / chunks).toFixed(2),
    'memory in Redis for a waiting chunk, bytes': ((jobs - before) / open).toFixed(0),
  };
  for (const [what, value] of Object.entries(rows)) console.log(`| ${what} | ${value} |`);
}

if (process.argv[2] === '--work') await work(process.argv[3]);
else await measure(Number(process.argv[2] ?? 2000));
