import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { GauntletError, reasonOf, type Report } from '@gauntlet/api';
import { asBaseline, keepExamples, readReport, writeWhole } from '@gauntlet/core';
import { plainLines, reportText } from '@gauntlet/reporters';
import { count } from '../count.js';
import { exitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

export const command = 'bless <run> <baseline>';
export const describe = 'Make the report of a run the baseline that later runs are held against';

export const builder = (yargs: Argv) =>
  yargs
    .positional('run', { type: 'string', demandOption: true, describe: 'Run folder, or its report.json' })
    .positional('baseline', {
      type: 'string',
      demandOption: true,
      describe: 'File to write; keep it under version control',
    })
    .option('failed', {
      type: 'boolean',
      default: false,
      describe: 'Take a report that failed, too',
    })
    .option('partial', {
      type: 'boolean',
      default: false,
      describe: 'Take a report that lacks cells of the spec, too',
    })
    .option('force', { type: 'boolean', default: false, describe: 'Replace the baseline that is there' });

type Options = ArgumentsCamelCase<Awaited<ReturnType<typeof builder>['argv']>>;

export async function handler(options: Options, { cwd, stdout }: Io): Promise<number> {
  const run = path.resolve(cwd, options.run);
  const baseline = path.resolve(cwd, options.baseline);
  const isFolder = statSync(run, { throwIfNoEntry: false })?.isDirectory();
  const from = isFolder ? path.join(run, 'report.json') : run;
  const report = readReport(from);
  if (report.interrupted)
    throw new GauntletError('usage', `${from} is of a run that was stopped. Finish it with --resume first.`);
  if (report.shard)
    throw new GauntletError(
      'usage',
      `${from} is of shard ${report.shard.index} of ${report.shard.count}. Put all of them together with gauntlet merge first.`,
    );
  const worstCases = (report.worstCases ?? []).map((one) => ({ ...one, id: `worst case of ${one.victim}` }));
  const open = [...report.cells, ...worstCases]
    .filter(({ verdict }) => verdict === 'inconclusive')
    .map(({ id }) => id);
  if (open.length > 0)
    throw new GauntletError(
      'usage',
      `${from} has inconclusive cells (${open.join(', ')}): there is nothing there to hold a later run against.`,
    );
  const failed = report.cells.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
  if (report.difference?.verdict === 'fail') failed.push(`the baseline ${report.difference.baseline}`);
  if (failed.length > 0 && !options.failed)
    throw new GauntletError(
      'usage',
      `${from} failed (${failed.join(', ')}). Use --failed if later runs are to be held to no more than that.`,
    );
  const { leftOut = [] } = report;
  if (leftOut.length > 0 && !options.partial)
    throw new GauntletError(
      'usage',
      `${from} lacks cells of the spec (${leftOut.join(', ')}): its run was not asked for them. Run the whole spec, or use --partial if later runs are to be held to no more than that.`,
    );
  if (existsSync(baseline) && !options.force)
    throw new GauntletError('usage', `${baseline} is there already. Use --force to replace it.`);
  let blessed: Report;
  try {
    blessed = await keepExamples(asBaseline(report), path.dirname(from), baseline);
    writeWhole(baseline, reportText(blessed));
  } catch (error) {
    throw new GauntletError('usage', `${baseline} cannot be written: ${reasonOf(error)}`);
  }
  const examples = blessed.cells.reduce((sum, cell) => sum + (cell.examples?.kept ?? 0), 0);
  const beside = examples > 0 ? `, ${count(examples, 'example')} beside it` : '';
  stdout.write(
    plainLines(
      `${options.baseline}: ${count(report.cells.length, 'cell')}, ${count(report.dataset.n, 'sample')}${beside}\n`,
    ),
  );
  return exitCode.held;
}
