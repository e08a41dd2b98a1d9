import path from 'node:path';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { didYouMean, GauntletError, type Outcome, type Report } from '@gauntlet/api';
import {
  type ChunkTask,
  engineNames,
  isRandomised,
  inProcessHost,
  loadSpec,
  makeCells,
  openVictim,
  settingOf,
  readReport,
  type VictimConfig,
  writeWhole,
} from '@gauntlet/core';
import { plain, plainLines, threatText } from '@gauntlet/reporters';
import { builtIn, packages } from '../built-in.js';
import { exitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { replayDifferences } from '../replay-differences.js';
import { specToReplay } from '../spec-to-replay.js';

export const command = 'replay <run> <cell> <sample>';
export const describe = 'Attack one sample of a run again and show what happens to it';

export const builder = (yargs: Argv) =>
  yargs
    .positional('run', { type: 'string', demandOption: true, describe: 'Run folder (it holds report.json)' })
    .positional('cell', { type: 'string', demandOption: true, describe: 'victim/attack' })
    .positional('sample', {
      type: 'number',
      demandOption: true,
      describe: 'Index of the sample in the dataset',
    })
    .option('spec', {
      type: 'string',
      requiresArg: true,
      describe:
        'Spec to replay with: one that lies outside of the current folder, or that the run does not name',
    })
    .option('model', {
      type: 'string',
      requiresArg: true,
      describe: 'Model file of the victim, where it is not where the spec says: a run from another machine',
    })
    .option('engine', {
      type: 'string',
      requiresArg: true,
      describe:
        'Instead of the engine of the run, or what that was if it is a plugin that the spec does not name',
    });

type Options = ArgumentsCamelCase<Awaited<ReturnType<typeof builder>['argv']>>;

export async function handler(options: Options, { cwd, stdout, modules }: Io): Promise<number> {
  const folder = path.resolve(cwd, options.run);
  const report = readReport(path.join(folder, 'report.json'));
  const recorded = report.cells.find(({ id }) => id === options.cell);
  const ids = report.cells.map(({ id }) => id);
  if (!recorded)
    throw new GauntletError(
      'usage',
      `The run has no cell "${options.cell}".${didYouMean(options.cell, ids)} It has: ${ids.join(', ')}.`,
    );
  const before = recorded.outcomes.find(({ index }) => index === options.sample);
  if (!before) throw new GauntletError('usage', `The cell ${options.cell} has no sample ${options.sample}.`);

  const { engine: its, examination } = report.victims.find(({ name }) => name === recorded.victim)!;
  // A plugin's code is found by what the spec calls it, which its name is not.
  const engine = options.engine ?? (engineNames.includes(its) ? its : undefined);
  const file = specToReplay({ folder, report, given: options.spec, cwd });
  // Said before it is loaded, which may run code.
  stdout.write(`${plainLines(`spec: ${path.relative(cwd, file)}`)}\n`);
  const spec = await loadSpec(file, {
    builtIn: await builtIn(modules),
    packages,
    seed: report.seed,
    engine,
    engineFolder: cwd,
    models: options.model === undefined ? {} : { [recorded.victim]: path.resolve(cwd, options.model) },
  });
  const cell = makeCells(spec).find(({ id }) => id === options.cell);
  if (!cell) throw new GauntletError('usage', `${file} has no cell "${options.cell}" any more.`);
  const { victim, attack } = cell;
  if (engine === undefined && victim.engine !== its)
    throw new GauntletError(
      'usage',
      `The run was computed by ${its}, which the spec does not name. Say where it is with --engine.`,
    );
  if (options.model !== undefined) await checkModel(victim, report);
  const host = inProcessHost();
  const task: ChunkTask = {
    kind: 'chunk',
    attack,
    ...settingOf(spec, cell),
    indices: [options.sample],
    randomised: examination && isRandomised(examination),
    keepImages: true,
  };
  const result = await host.run(task, new AbortController().signal);
  await host.close();
  const [now] = result.outcomes;
  stdout.write(table(before, now));
  if (result.images) {
    const picture = path.join(
      folder,
      `replay-${options.cell.replaceAll(/[^\w.-]+/g, '-')}-${options.sample}.png`,
    );
    const shape = report.dataset.imageShape as [number, number, number];
    const { labelledSheet, sheetColumns } = await import('@gauntlet/reporters/sheet');
    const sheet = await labelledSheet({
      title: `${plain(options.cell, 100)}, ${threatText(recorded.threat)}`,
      images: { ...result.images, indices: [options.sample], shape },
      bounds: victim.bounds,
      outcomes: [now],
      classNames: report.dataset.classNames,
    });
    writeWhole(picture, [sheet]);
    stdout.write(`${sheetColumns(result.images)}: ${picture}\n`);
  }
  const { engines, inputs } = result;
  const changed = replayDifferences(report, recorded, { cell, engines, victim: inputs?.victim });
  for (const line of changed) stdout.write(`${plainLines(line)}\n`);
  if (now.status !== before.status) {
    stdout.write(
      before.example === 'broken'
        ? 'An example of the baseline broke the sample, and the attack alone, which is done here, does not.\n'
        : `The outcome differs from the recorded one. ${changed.length > 0 ? 'What has changed since stands above.' : 'What the report tells of is as it was: the data or the code of a plugin has changed since.'}\n`,
    );
    return exitCode.inconclusive;
  }
  return exitCode.held;
}

/** Another model would answer another question. */
async function checkModel(victim: VictimConfig, { victims, dataset }: Report): Promise<void> {
  if (victim.source)
    throw new GauntletError('usage', `The victim ${victim.name} is a plugin's; --model is for model files.`);
  const opened = await openVictim(victim, dataset.imageShape as [number, number, number]);
  opened.victim.dispose();
  if (opened.info.hash !== victims.find(({ name }) => name === victim.name)!.hash)
    throw new GauntletError(
      'usage',
      `${victim.model} is not the model of the run: its weights have another hash. Name the file that was attacked.`,
    );
}

function table(before: Outcome, now: Outcome): string {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])] as (keyof Outcome)[];
  const show = (value: unknown) =>
    typeof value === 'number' ? String(Number(value.toPrecision(6))) : plain(JSON.stringify(value) ?? '–');
  const rows = keys.map((key) => `${key.padEnd(18)} ${show(before[key]).padEnd(16)} ${show(now[key])}\n`);
  return `${''.padEnd(18)} ${'recorded'.padEnd(16)} now\n${rows.join('')}`;
}
