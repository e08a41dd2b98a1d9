import { cpSync, existsSync, lstatSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { mergeReports, noteSpec, readReport, specOfRun } from '@gauntlet/core';
import { chooseReporters, openReporters, reporterDefaults } from '@gauntlet/reporters';
import { builtIn, packages } from '../built-in.js';
import { codeOfReports } from '../exit-codes.js';
import type { Io } from '../io.js';

export const command = 'merge <runs..>';
export const describe = 'Put the run folders of all shards together as one run';

export const builder = (yargs: Argv) =>
  yargs
    .positional('runs', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Run folders, one of each shard',
    })
    .option('output', {
      type: 'string',
      requiresArg: true,
      demandOption: true,
      describe: 'Folder for the whole',
    });

type Options = ArgumentsCamelCase<Awaited<ReturnType<typeof builder>['argv']>>;

export async function handler(options: Options, io: Io): Promise<number> {
  const runs = options.runs.map((folder) => path.resolve(io.cwd, folder));
  const output = path.resolve(io.cwd, options.output);
  const files = runs.map((folder) => path.join(folder, 'report.json'));
  const report = mergeReports(files.map((file) => ({ file, report: readReport(file) })));
  mkdirSync(output, { recursive: true });
  // Each cell belongs to one shard, so nothing is overwritten. A link could lead what is written later anywhere.
  const filter = (file: string) => !lstatSync(file).isSymbolicLink();
  for (const folder of runs) {
    for (const part of ['cells', 'pictures']) {
      const from = path.join(folder, part);
      if (existsSync(from)) cpSync(from, path.join(output, part), { recursive: true, filter });
    }
  }
  const spec = specOfRun(runs[0]);
  if (spec !== undefined) noteSpec(output, spec);
  const plugins = await builtIn(io.modules);
  const names = reporterDefaults(plugins, ['json', 'junit', 'markdown', 'html', 'terminal']);
  const reporters = await chooseReporters(names, { builtIn: plugins, folder: io.cwd, packages });
  const reporting = await openReporters(reporters, {
    folder: output,
    cwd: io.cwd,
    stdout: io.stdout,
    env: io.env,
  });
  await reporting.show(report);
  return codeOfReports([report]);
}
