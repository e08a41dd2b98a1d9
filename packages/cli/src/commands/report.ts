import { statSync } from 'node:fs';
import path from 'node:path';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { makeOutputFolder, readReport } from '@gauntlet/core';
import { chooseReporters, openReporters } from '@gauntlet/reporters';
import { builtIn, packages } from '../built-in.js';
import { exitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

export const command = 'report <run>';
export const describe = 'Write the HTML page of a finished run';

export const builder = (yargs: Argv) =>
  yargs
    .positional('run', { type: 'string', demandOption: true, describe: 'Run folder, or its report.json' })
    .option('html', {
      type: 'string',
      requiresArg: true,
      describe: 'File to write; report.html in the run folder by default',
    });

type Options = ArgumentsCamelCase<Awaited<ReturnType<typeof builder>['argv']>>;

export async function handler(
  { html, ...options }: Options,
  { cwd, stdout, env, modules }: Io,
): Promise<number> {
  const run = path.resolve(cwd, options.run);
  const isFile = statSync(run, { throwIfNoEntry: false })?.isFile();
  const folder = isFile ? path.dirname(run) : run;
  const file = isFile ? run : path.join(folder, 'report.json');
  const out = path.resolve(cwd, html ?? path.join(folder, 'report.html'));
  const report = readReport(file);
  makeOutputFolder(path.dirname(out));
  const places = { builtIn: await builtIn(modules), folder: cwd, packages };
  const reporters = await chooseReporters([`html=${JSON.stringify({ file: out })}`], places);
  await (await openReporters(reporters, { folder, cwd, stdout, env })).show(report);
  stdout.write(`${out}\n`);
  return exitCode.held;
}
