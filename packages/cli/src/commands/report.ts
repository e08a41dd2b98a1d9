import { statSync } from 'node:fs';
import path from 'node:path';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { makeOutputFolder, readReport } from '@gauntlet/core';
import { writeHtml } from '@gauntlet/reporters';
import { exitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

export const command = 'report <run>';
export const describe = 'Write the HTML page of a finished run';

export const builder = (yargs: Argv) =>
  yargs
    .positional('run', { type: 'string', demandOption: true, describe: 'Run folder, or its report.json' })
    .option('html', { type: 'string', requiresArg: true, describe: 'File to write; report.html in the run folder by default' }); // prettier-ignore

type Options = ArgumentsCamelCase<Awaited<ReturnType<typeof builder>['argv']>>;

export async function handler({ html, ...options }: Options, { cwd, stdout }: Io): Promise<number> {
  const run = path.resolve(cwd, options.run);
  const isFile = statSync(run, { throwIfNoEntry: false })?.isFile();
  const folder = isFile ? path.dirname(run) : run;
  const file = isFile ? run : path.join(folder, 'report.json');
  const out = path.resolve(cwd, html ?? path.join(folder, 'report.html'));
  const report = readReport(file);
  makeOutputFolder(path.dirname(out));
  await writeHtml(report, folder, out);
  stdout.write(`${out}\n`);
  return exitCode.held;
}
