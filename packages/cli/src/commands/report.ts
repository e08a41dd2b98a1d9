import { statSync } from 'node:fs';
import path from 'node:path';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { makeOutputFolder, readReport } from '@gauntlet/core';
import { writeHtml } from '@gauntlet/reporters';

export const command = 'report <run>';
export const describe = 'Write the HTML page of a finished run';

export const builder = (yargs: Argv) =>
  yargs
    .positional('run', { type: 'string', demandOption: true, describe: 'Run folder, or its report.json' })
    .option('html', { type: 'string', requiresArg: true, describe: 'File to write; report.html in the run folder by default' }); // prettier-ignore

type Options = ArgumentsCamelCase<Awaited<ReturnType<typeof builder>['argv']>>;

export async function handler({ run, html }: Options): Promise<void> {
  const folder = path.resolve(statSync(run, { throwIfNoEntry: false })?.isFile() ? path.dirname(run) : run);
  const file = folder === path.resolve(run) ? path.join(folder, 'report.json') : run;
  const out = path.resolve(html ?? path.join(folder, 'report.html'));
  const report = readReport(file);
  makeOutputFolder(path.dirname(out));
  await writeHtml(report, folder, out);
  process.stdout.write(`${out}\n`);
}
