import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import type { Report } from '@gauntlet/api';
import { checkWrittenJunit } from './junit.js';

export const repository = path.resolve(import.meta.dirname, '../..');
const binary = path.join(repository, 'packages/cli/bin/gauntlet.js');
export const plugins = path.join(repository, 'test/fixtures/plugins.mjs');
export const digitsModel = path.join(repository, 'packages/zoo/models/digits-cnn/model.json');

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

export const temporary = (name = 'cli') => mkdtempSync(path.join(tmpdir(), `gauntlet-${name}-`));

interface Surroundings {
  cwd?: string;
  env?: Record<string, string>;
  /** What the command line of a process begins with; only for processes. */
  within?: readonly string[];
  /** Instead of the modules that come with the command line; in process only. */
  modules?: readonly string[];
}

const environment = { CI: 'true', NO_COLOR: '1' };

/**
 * Runs the command line in this process, on the sources; invalid JUnit is an error. Worker processes need code that is built, so a run needs
 * `-j 0` here; what is about processes (workers, signals, a stream that is closed) is for `start`.
 */
export async function inProcess(
  args: readonly string[],
  { cwd = repository, env, modules }: Surroundings = {},
): Promise<Result> {
  const { main } = await import('../../packages/cli/src/main.js');
  const [stdout, stderr] = [new Collected(), new Collected()];
  const onInterrupt = () => () => {};
  const since = Date.now();
  const code = await main(args, {
    stdout,
    stderr,
    cwd,
    env: { ...environment, ...env },
    modules,
    onInterrupt,
  });
  checkWrittenJunit(args, cwd, since);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

export const gauntlet = (...args: string[]) => inProcess(args);

class Collected extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Starts the built command line as a user does; `done` resolves when it has ended, unless its JUnit is invalid. */
export function start(
  args: string[],
  options: Surroundings = {},
): { child: ChildProcess; done: Promise<Result> } {
  const { cwd = repository, within = [] } = options;
  const since = Date.now();
  const [command, ...rest] = [...within, process.execPath, binary, ...args];
  const child = spawn(command, rest, {
    cwd,
    env: { ...process.env, ...environment, ...options.env },
  });
  const result: Result = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (result.stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (result.stderr += text.toString()));
  const done = new Promise<Result>((resolve) => child.on('close', (code) => resolve({ ...result, code })));
  return {
    child,
    done: done.then((ended) => {
      checkWrittenJunit(args, cwd, since);
      return ended;
    }),
  };
}

/** Writes a spec with the shipped victim and synthetic digits, unless told otherwise; gives its path. */
export function writeSpec(
  folder: string,
  attacks: object[],
  rest: object = {},
  name = 'test.robust.json',
): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, name);
  const victim = { name: 'digits', model: digitsModel, kind: 'classifier', bounds: [0, 1] };
  const spec = { victim, dataset: { format: 'plugin', use: 'digits', take: 8 }, seed: 3, attacks, ...rest };
  writeFileSync(file, JSON.stringify(spec, null, 2));
  return file;
}

export const readReport = (folder: string) =>
  JSON.parse(readFileSync(path.join(folder, 'report.json'), 'utf8')) as Report;

/** A report without anything that depends on how it was run. */
export function timeless(report: Report): unknown {
  const { execution: _, ...rest } = report;
  return {
    ...rest,
    cells: rest.cells.map((cell) => ({
      ...cell,
      metrics: { ...cell.metrics, seconds: undefined },
      outcomes: cell.outcomes.map(({ seconds: _seconds, ...outcome }) => outcome),
    })),
  };
}

/** Worker processes of a run, by parent. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      const stat = existsSync(`/proc/${entry}/stat`) ? readFileSync(`/proc/${entry}/stat`, 'utf8') : '';
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
    })
    .map(Number);
}
