// Starts the built command line. Few tests need it: which files may is said in eslint.config.js.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { environment, repository, type Result, type Surroundings } from './cli.js';
import { checkWrittenJunit } from './junit.js';

const binary = path.join(repository, 'packages/cli/bin/gauntlet.js');

interface InAProcess extends Surroundings {
  /** What the command line of the process begins with. */
  within?: readonly string[];
}

/** Starts the built command line as a user does; `done` resolves when it has ended, unless its JUnit is invalid. */
export function start(
  args: string[],
  { cwd = repository, env, within = [] }: InAProcess = {},
): { child: ChildProcess; done: Promise<Result> } {
  const since = Date.now();
  const [command, ...rest] = [...within, process.execPath, binary, ...args];
  const child = spawn(command, rest, { cwd, env: { ...process.env, ...environment, ...env } });
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
