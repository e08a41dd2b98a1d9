// One small run in a folder of its own, started as a user does, and what it has left.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { kill, processesOf } from './processes.mjs';

const repository = path.resolve(import.meta.dirname, '../..');
const binary = path.join(repository, 'packages/cli/bin/gauntlet.js');
const model = path.join(repository, 'packages/zoo/models/digits-cnn');

export const fixture = (name) => path.join(repository, 'test', name);

const linf = (use, rest = {}) => ({ use, params: { epsilon: 0.1, ...rest }, expect: { asr: { max: 0.99 } } });
const spec = {
  victim: { name: 'digits', model: './model/model.json', kind: 'classifier', bounds: [0, 1] },
  dataset: { format: 'plugin', use: 'digits', take: 24 },
  seed: 3,
  attacks: [
    linf('noise'),
    linf('pgd', { steps: 10, restarts: 1 }),
    linf('fgsm'),
    { use: fixture('faults/misbehaves.mjs'), name: 'own', expect: { cleanAccuracy: { min: 0.5 } } },
  ],
};
const options = ['--batch-size', '4', '--reporter', 'terminal,json,junit,pictures'];

/** How long a run may take that nobody disturbs, on a machine that has much else to do. */
const patience = 240_000;

export class Job {
  constructor(folder, mark) {
    this.mark = mark;
    this.folder = folder;
    this.output = path.join(folder, 'out');
    this.marker = path.join(folder, 'once');
    /** Ended runs of the program, in order. */
    this.runs = [];
    mkdirSync(folder, { recursive: true });
    cpSync(model, path.join(folder, 'model'), { recursive: true });
    this.spec = path.join(folder, 'test.robust.json');
    writeFileSync(this.spec, JSON.stringify(spec));
  }

  /** Starts a run; `limit` is a command of bash that goes before it. */
  start(args = [], { env = {}, limit, workers = 2 } = {}) {
    const where = ['-j', String(workers), '--output', this.output];
    const command = [process.execPath, binary, 'run', this.spec, ...options, ...where, ...args];
    const [file, ...rest] = limit ? ['bash', '-c', `${limit}; exec "$@"`, 'bash', ...command] : command;
    const child = spawn(file, rest, {
      cwd: this.folder,
      env: { ...process.env, CI: 'true', NO_COLOR: '1', ...env, GAUNTLET_FAULT: this.mark },
      timeout: patience,
      killSignal: 'SIGABRT',
    });
    const run = { args, code: null, signal: null, text: '', error: '' };
    child.stdout.on('data', (text) => (run.text += text));
    child.stderr.on('data', (text) => (run.error += text));
    const begun = performance.now();
    run.done = new Promise((resolve) =>
      child.on('close', (code, signal) => {
        this.runs.push(Object.assign(run, { code, signal, ms: performance.now() - begun }));
        resolve(run);
      }),
    );
    run.child = child;
    return run;
  }

  workers = () => processesOf(this.mark).filter(({ worker }) => worker);

  /** Kills the program and its workers as a machine without power would. */
  killAll(run) {
    for (const { pid } of [{ pid: run.child.pid }, ...this.workers()]) kill(pid, 'SIGKILL');
  }

  /** Finished chunks that are on disk. */
  chunks() {
    return existsSync(this.journal()) ? readFileSync(this.journal(), 'utf8').split('\n').length - 2 : 0;
  }

  journal = () => path.join(this.output, 'journal.jsonl');

  /** Paths of files below the run folder that match. */
  files(pattern) {
    if (!existsSync(this.output)) return [];
    return readdirSync(this.output, { recursive: true, encoding: 'utf8' })
      .filter((file) => pattern.test(file))
      .sort()
      .map((file) => path.join(this.output, file));
  }

  /** The report without what depends on how it was made, as text; nothing where there is none. */
  report() {
    const file = path.join(this.output, 'report.json');
    if (!existsSync(file)) return undefined;
    const timing = new Set(['execution', 'seconds']);
    return JSON.stringify(JSON.parse(readFileSync(file, 'utf8')), (key, value) =>
      timing.has(key) ? undefined : value,
    );
  }
}
