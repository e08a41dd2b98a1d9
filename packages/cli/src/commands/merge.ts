import { cpSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { mergeReports, readReport } from '@gauntlet/core';
import {
  colours,
  htmlReporter,
  jsonReporter,
  junitReporter,
  markdownReporter,
  noColours,
  summary,
} from '@gauntlet/reporters';
import { codeOfReports } from '../exit-codes.js';
import { terminalOf, type Io } from '../io.js';

export const command = 'merge <runs..>';
export const describe = 'Put the run folders of all shards together as one run';

export const builder = (yargs: Argv) =>
  yargs
    .positional('runs', { type: 'string', array: true, demandOption: true, describe: 'Run folders, one of each shard' })
    .option('output', { type: 'string', requiresArg: true, demandOption: true, describe: 'Folder for the whole' }); // prettier-ignore

type Options = ArgumentsCamelCase<Awaited<ReturnType<typeof builder>['argv']>>;

export async function handler(options: Options, io: Io): Promise<number> {
  const runs = options.runs.map((folder) => path.resolve(io.cwd, folder));
  const output = path.resolve(io.cwd, options.output);
  const report = mergeReports(runs.map((folder) => readReport(path.join(folder, 'report.json'))));
  mkdirSync(output, { recursive: true });
  // Each cell belongs to one shard, so nothing is overwritten.
  for (const folder of runs) {
    for (const part of ['cells', 'pictures']) {
      const from = path.join(folder, part);
      if (existsSync(from)) cpSync(from, path.join(output, part), { recursive: true });
    }
  }
  for (const reporter of [
    jsonReporter(output),
    junitReporter(output),
    markdownReporter(output),
    htmlReporter(output),
  ])
    await reporter.onEvent({ type: 'run-done', report });
  const paint = terminalOf(io).colour ? colours : noColours;
  io.stdout.write(
    `${summary(report, output, paint)}\n${['report.json', 'report.html'].map((file) => path.join(output, file)).join('\n')}\n`,
  );
  return codeOfReports([report]);
}
