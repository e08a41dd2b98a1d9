// The kinds of fault. Each is done to a run that begins, and says which moment or amount was drawn.
import { readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fixture } from './job.mjs';
import { kill, wait } from './processes.mjs';

const requiring = (script) => `--require ${fixture(script)}`;

/** Waits for a moment of a run: drawn from the time it takes undisturbed or, most times, from that after its first chunk. */
async function moment(run, { random, typical, job }) {
  const later = random.integer(4) > 0;
  const ms = Math.round(random.uniform(0, later ? 0.4 * typical : typical));
  let ended = false;
  void run.done.then(() => (ended = true));
  while (later && !ended && job.chunks() === 0) await wait(5);
  await Promise.race([wait(ms), run.done]);
  return later ? `first chunk + ${ms} ms` : `${ms} ms`;
}

const any = (random, list) => list[random.integer(list.length)];

/** Kills what `chosen` gives of the program and its workers. */
const killing = (chosen) => async (job, context) => {
  const run = job.start();
  const at = await moment(run, context);
  for (const pid of chosen(run, job.workers(), context.random)) kill(pid, 'SIGKILL');
  await run.done;
  return at;
};
const pids = (workers) => workers.map(({ pid }) => pid);

const signalled = (signal) => async (job, context) => {
  const run = job.start();
  const at = await moment(run, context);
  run.child.kill(signal);
  await run.done;
  return at;
};

/** A run whose own plugin misbehaves once. */
const once =
  (way, { args = [], workers, env } = {}) =>
  async (job) => {
    const options = { workers, env: { FAULT_ONCE: way, FAULT_MARKER: job.marker, ...env } };
    await job.start(args, options).done;
    return way;
  };

/** Cuts a file, or flips one of its bits. */
function damage(file, random) {
  const bytes = readFileSync(file);
  if (bytes.length === 0) return 'nothing to damage';
  const at = random.integer(bytes.length);
  if (random.integer(2) === 0) truncateSync(file, at);
  else {
    bytes[at] ^= 1 << random.integer(8);
    writeFileSync(file, bytes);
  }
  return `${path.basename(file)} at byte ${at} of ${bytes.length}`;
}

/** Damages a file that a killed run has left, or a whole one. */
const damaging =
  (pattern, { whole = false } = {}) =>
  async (job, context) => {
    const run = job.start();
    let at = 'the end';
    if (whole) await run.done;
    else {
      at = await moment(run, context);
      job.killAll(run);
      await run.done;
    }
    const files = job.files(pattern);
    const what = files.length > 0 ? damage(any(context.random, files), context.random) : 'no file yet';
    job.damaged = true;
    // The journal of a whole run would be believed before its kept cells.
    job.whole = whole;
    return `${at}, ${what}`;
  };

/** Another model in the place of the first one, as training writes it: whole, under the same name. */
export function replaceModel(job) {
  const file = path.join(job.folder, 'model/weights.bin');
  const weights = readFileSync(file);
  for (let at = 0; at < weights.length; at += 4) weights.writeFloatLE(0.9 * weights.readFloatLE(at), at);
  writeFileSync(`${file}.new`, weights);
  renameSync(`${file}.new`, file);
}

export const kinds = {
  'kill-worker': killing((_run, workers, random) => (workers.length > 0 ? [any(random, pids(workers))] : [])),
  'kill-main': killing((run) => [run.child.pid]),
  'kill-both': killing((run, workers) => [run.child.pid, ...pids(workers)]),
  'early-death': async (job, { random }) => {
    const most = any(random, [1, 2, 3, 1000]);
    const env = {
      NODE_OPTIONS: requiring('faults/early.cjs'),
      FAULT_EARLY: String(most),
      FAULT_MARKER: job.marker,
    };
    await job.start([], { env }).done;
    return `${most} workers`;
  },
  'stopped-worker': async (job, context) => {
    const run = job.start();
    const at = await moment(run, context);
    const stopped = pids(job.workers()).slice(0, 1 + context.random.integer(2));
    for (const pid of stopped) kill(pid, 'SIGSTOP');
    const ms = context.random.integer(3000);
    await wait(ms);
    for (const pid of stopped) kill(pid, 'SIGCONT');
    await run.done;
    return `${at}, for ${ms} ms`;
  },
  hang: once('hang', { args: ['--timeout', '10'] }),
  memory: once('memory', { env: { NODE_OPTIONS: '--max-old-space-size=200' } }),
  exit: once('exit'),
  'exit-of-all': once('exit', { workers: 0 }),
  descriptors: async (job, { random }) => {
    const most = 20 + random.integer(50);
    await job.start([], { limit: `ulimit -n ${most}` }).done;
    return `${most} files`;
  },
  'full-disk': async (job, { random }) => {
    const bytes = random.integer(40_000);
    const env = {
      NODE_OPTIONS: requiring('fixtures/full-disk.cjs'),
      FULL_AFTER: String(bytes),
      FULL_BELOW: job.output,
    };
    await job.start([], { env }).done;
    return `${bytes} bytes`;
  },
  'damaged-journal': damaging(/^journal\.jsonl$/),
  'damaged-cell': damaging(/outcomes\.jsonl$/, { whole: true }),
  'damaged-image': damaging(/\.npz$/),
  'model-replaced': async (job, context) => {
    const run = job.start();
    const at = await moment(run, context);
    replaceModel(job);
    await run.done;
    return at;
  },
  clock: async (job, { random }) => {
    const jump = Math.round(random.uniform(-1e10, 1e10));
    const env = {
      NODE_OPTIONS: requiring('faults/clock.cjs'),
      FAULT_JUMP: String(jump),
      FAULT_EVERY: String(1 + random.integer(20)),
    };
    await job.start([], { env }).done;
    return `${jump} ms`;
  },
  'two-runs': async (job, context) => {
    const first = job.start();
    const at = await moment(first, { ...context, typical: context.typical / 3 });
    await Promise.all([first.done, job.start().done]);
    return at;
  },
  SIGTERM: signalled('SIGTERM'),
  SIGINT: signalled('SIGINT'),
  SIGHUP: signalled('SIGHUP'),
};

/** Kinds after which the inputs are others: their outcomes are those of the new ones. */
export const changesInputs = new Set(['model-replaced']);

/** Signals by which a kind ends the program itself. */
export const ownSignals = {
  'kill-main': ['SIGKILL'],
  'kill-both': ['SIGKILL'],
  'damaged-journal': ['SIGKILL'],
  'damaged-image': ['SIGKILL'],
  SIGTERM: ['SIGTERM'],
  SIGINT: ['SIGINT'],
  SIGHUP: ['SIGHUP'],
};
