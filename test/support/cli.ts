import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import type { Report } from '@gauntlet/api';
import { checkWrittenJunit } from './junit.js';

export const repository = path.resolve(import.meta.dirname, '../..');
export const plugins = path.join(repository, 'test/fixtures/plugins.mjs');
export const digitsModel = path.join(repository, 'packages/zoo/models/digits-cnn/model.json');

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

export const temporary = (name = 'cli') => mkdtempSync(path.join(tmpdir(), `gauntlet-${name}-`));

export interface Surroundings {
  cwd?: string;
  env?: Record<string, string>;
}

interface InProcess extends Surroundings {
  /** Instead of the modules that come with the command line. */
  modules?: readonly string[];
  /** Ctrl-C is pressed once, as soon as this is printed. */
  interruptAt?: RegExp;
}

export const environment = { CI: 'true', NO_COLOR: '1' };

/**
 * Runs the command line in this process, on the sources; invalid JUnit is an error. Worker processes need code that is built, so a run needs
 * `-j 0` here; what is about processes (workers, signals, a stream that is closed) is for `start` of processes.ts.
 */
export async function inProcess(
  args: readonly string[],
  { cwd = repository, env, modules, interruptAt }: InProcess = {},
): Promise<Result> {
  const { main } = await import('../../packages/cli/src/main.js');
  const [stdout, stderr] = [new Collected(), new Collected()];
  const onInterrupt = (stop: () => void) => stdout.onceMatched(interruptAt, stop);
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
  #at?: RegExp;
  #then = () => {};

  /** Calls `then` where the text matches, unless the function that it returns is called before. */
  onceMatched(at: RegExp | undefined, then: () => void): () => void {
    this.#at = at;
    this.#then = then;
    return () => (this.#at = undefined);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    if (this.#at?.test(this.text)) {
      this.#at = undefined;
      this.#then();
    }
    done();
  }
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
