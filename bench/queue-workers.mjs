// How a run on a queue scales: node bench/queue-workers.mjs [rounds] [cores of a worker] [samples], as root on Linux with redis-server.
// One, two and three workers, each held to the same share of a core by a control group, in turns.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [rounds, share, samples] = [3, 0.4, 1000].map((usual, i) => Number(process.argv[2 + i] ?? usual));
const most = 3;
const root = path.resolve(import.meta.dirname, '..');
const gauntlet = path.join(root, 'packages/cli/bin/gauntlet.js');
const env = { ...process.env, GAUNTLET_QUEUE_KEY: 'a key', NO_COLOR: '1' };

const second = existsSync('/sys/fs/cgroup/cgroup.controllers');
const groups = path.join('/sys/fs/cgroup', second ? '' : 'cpu', `gauntlet-bench-${process.pid}`);
/** A control group; nothing else on the machine is to take away what it may have. */
function makeGroup(name, cores) {
  const folder = path.join(groups, name);
  mkdirSync(folder, { recursive: true });
  const write = (file, value) => writeFileSync(path.join(folder, file), value);
  if (cores === undefined) {
    write(second ? 'cpu.weight' : 'cpu.shares', second ? '10000' : '262144');
    if (second) write('cgroup.subtree_control', '+cpu');
  } else if (second) write('cpu.max', `${cores * 100_000} 100000`);
  else {
    write('cpu.cfs_period_us', '100000');
    write('cpu.cfs_quota_us', String(cores * 100_000));
  }
}
const children = new Set();
function startIn(group, command, args, options = {}) {
  const join = ['-c', 'echo $$ > "$0" && exec "$@"', path.join(groups, group, 'cgroup.procs')];
  const child = spawn('sh', [...join, command, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
    ...options,
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** CPU seconds of a process and of those that it has started. */
function cpuOf(pid) {
  const [, fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const theirs = children === '' ? [] : children.split(' ').map(Number);
  return theirs.reduce((sum, child) => sum + cpuOf(child), (user + system) / 100);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-bench-workers-'));
const attack = { use: 'pgd', params: { norm: 'linf', epsilon: 0.02, steps: 250, restarts: 1 } };
function writeSpec(name, take) {
  const model = path.join(root, 'packages/zoo/models/digits-cnn/model.json');
  const victim = { name: 'digits', model, kind: 'classifier', bounds: [0, 1] };
  const file = path.join(folder, `${name}.robust.json`);
  const dataset = { format: 'plugin', use: 'digits', take };
  writeFileSync(file, JSON.stringify({ victim, dataset, attacks: [attack] }));
  return file;
}
const [small, large] = [writeSpec('small', 60), writeSpec('large', samples)];

makeGroup('');
makeGroup('rest', most);
for (let i = 0; i < most; i++) makeGroup(`worker-${i}`, share);
const port = await freePort();
const url = `redis://127.0.0.1:${port}`;
const redis = startIn('rest', 'redis-server', ['--port', String(port), '--save', '', '--dir', folder]);
redis.stdout.resume();
await sleep(1000);

/** A run with some workers that wait for it; and what share of their allowance they used. */
async function measure(count) {
  const workers = Array.from({ length: count }, (_, i) => {
    const cache = path.join(folder, `cache-${i}`);
    const worker = startIn(
      `worker-${i}`,
      process.execPath,
      [...[gauntlet, 'work', '--queue', url, '-j', '1', '--cache', cache]],
      { stdio: 'ignore' },
    );
    return worker;
  });
  for (let there = 0; there < count;) {
    await sleep(500);
    const child = startIn('rest', process.execPath, [gauntlet, 'queue', 'status', '--queue', url, '--json']);
    let text = '';
    for await (const data of child.stdout) text += data;
    there = JSON.parse(text).workers.length;
  }
  // Each opens the model once, before the clock starts.
  await run(small, 'warm');
  const before = workers.map(({ pid }) => cpuOf(pid));
  const started = performance.now();
  await run(large, 'run');
  const seconds = (performance.now() - started) / 1000;
  const used = workers.reduce((sum, { pid }, i) => sum + cpuOf(pid) - before[i], 0);
  for (const worker of workers) worker.kill('SIGTERM');
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
  return { seconds, used, allowance: used / (seconds * share * count) };
}

async function run(file, output) {
  const child = startIn('rest', process.execPath, [
    ...[gauntlet, 'run', file, '--queue', url, '-j', '0', '--batch-size', '10', '--force'],
    ...['--output', path.join(folder, output), '--reporter', 'json'],
  ]);
  child.stdout.resume();
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`gauntlet run ended with ${code}`);
}

try {
  const rows = [];
  for (let round = 0; round < rounds; round++)
    for (let count = 1; count <= most; count++) {
      const found = { count, ...(await measure(count)) };
      rows.push(found);
      console.error(
        `${count}: ${found.seconds.toFixed(1)} s, ${(100 * found.allowance).toFixed(0)} % of the allowance`,
      );
    }
  const median = (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const half = (values.length - 1) / 2;
    return (sorted[Math.floor(half)] + sorted[Math.ceil(half)]) / 2;
  };
  const of = (count, name) => median(rows.filter((row) => row.count === count).map((row) => row[name]));
  console.log('| workers | seconds | efficiency | CPU seconds of the workers | of their allowance |');
  console.log('| ---: | ---: | ---: | ---: | ---: |');
  for (let count = 1; count <= most; count++) {
    const efficiency = of(1, 'seconds') / (count * of(count, 'seconds'));
    const allowance = `${(100 * of(count, 'allowance')).toFixed(0)} %`;
    console.log(
      `| ${count} | ${of(count, 'seconds').toFixed(1)} | ${efficiency.toFixed(2)} | ${of(count, 'used').toFixed(1)} | ${allowance} |`,
    );
  }
} finally {
  for (const child of children) child.kill('SIGKILL');
  // Processes that those have started notice it, and groups are gone when nobody is in them.
  await sleep(3000);
  const made = readdirSync(groups, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of made) rmdirSync(path.join(groups, name));
  rmdirSync(groups);
}
