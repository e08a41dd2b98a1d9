import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { GauntletError, reasonOf } from '@gauntlet/api';
import { readReport, writeWhole } from '@gauntlet/core';
import { colours, hasColour, historyOf, historyTables, noColours, plainLines } from '@gauntlet/reporters';
import { exitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

export const command = 'history <runs..>';
export const describe = 'The worst that each run found of each victim, as a table and a picture';

export const builder = (yargs: Argv) =>
  yargs
    .positional('runs', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Run folders, folders that have some below them, or report.json files',
    })
    .option('svg', {
      type: 'string',
      requiresArg: true,
      default: 'history.svg',
      describe: 'Picture to write',
    });

type Options = ArgumentsCamelCase<Awaited<ReturnType<typeof builder>['argv']>>;

export async function handler({ runs, svg }: Options, { cwd, stdout, env }: Io): Promise<number> {
  const files = runs.flatMap((place) => reportsAt(path.resolve(cwd, place)));
  const histories = historyOf([...new Set(files)].map((file) => readReport(file)));
  if (histories.length === 0)
    throw new GauntletError(
      'usage',
      'None of these runs has measured an attack, so there is nothing to show.',
    );
  const { historyChart } = await import('@gauntlet/reporters/history-chart');
  try {
    writeWhole(path.resolve(cwd, svg), [historyChart(histories)]);
  } catch (error) {
    throw new GauntletError('usage', `${svg} cannot be written: ${reasonOf(error)}`);
  }
  const paint = hasColour({ stdout, env }) ? colours : noColours;
  stdout.write(`${historyTables(histories, paint)}\n\n${plainLines(svg)}\n`);
  return exitCode.held;
}

/** A report, the one of a run folder, or all of those below a folder. */
function reportsAt(place: string): string[] {
  const found = statSync(place, { throwIfNoEntry: false });
  if (!found) throw new GauntletError('usage', `There is no ${place}.`);
  if (found.isFile()) return [place];
  const files = readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter(
      (file) => path.basename(file) === 'report.json' && !/(^|[\\/])(node_modules|artifacts)[\\/]/.test(file),
    )
    .map((file) => path.join(place, file))
    .sort();
  if (files.length === 0)
    throw new GauntletError('usage', `There is no report.json in ${place} or below it.`);
  return files;
}
