import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { type Budget, GauntletError, type Report } from '@gauntlet/api';
import {
  headToHead,
  loadPlugin,
  loadSpec,
  makeOutputFolder,
  readReport,
  run,
  type Spec,
  withinBudget,
  writeWhole,
} from '@gauntlet/core';
import {
  colours,
  comparisonMarkdown,
  comparisonSummary,
  chooseReporters,
  needsOf,
  noColours,
  openReporters,
  withoutCommands,
} from '@gauntlet/reporters';
import { builtIn, packages } from '../built-in.js';
import { exitCode } from '../exit-codes.js';
import { onInterrupt } from '../interrupt.js';
import { type Io, terminalOf } from '../io.js';
import { checkInteger, compileGrep } from '../options.js';
import { runFolder } from '../run-folder.js';

export const command = 'compare <target>';
export const describe =
  'Attacks head to head on the same samples: which one is stronger, and which difference is noise';

export const builder = (yargs: Argv) =>
  yargs
    .positional('target', {
      type: 'string',
      demandOption: true,
      describe: 'Spec file, or the folder or report.json of a run',
    })
    .option('budget', {
      type: 'string',
      requiresArg: true,
      describe: 'What each attack may spend on a sample: gradients=40, forwards=100, or both with a comma',
    })
    .option('significance', {
      type: 'number',
      requiresArg: true,
      default: 0.05,
      describe: 'Level of the paired tests',
    })
    .option('output', {
      type: 'string',
      requiresArg: true,
      describe: 'Run folder; gauntlet-report/<spec>/compare beside the spec by default',
    })
    .option('workers', {
      alias: 'j',
      type: 'number',
      requiresArg: true,
      describe: 'Worker processes; one per core by default, 0 for none',
    })
    .option('grep', {
      alias: 'g',
      type: 'string',
      requiresArg: true,
      describe: 'Only cells (victim/attack) that match this regular expression',
    })
    .option('seed', { type: 'number', requiresArg: true, describe: "Instead of the spec's seed" })
    .option('engine', { type: 'string', requiresArg: true, describe: "Instead of the spec's engines" })
    .option('force', {
      type: 'boolean',
      default: false,
      describe: 'Do cells again that are unchanged since an earlier comparison',
    })
    .example('$0 compare mnist.robust.yaml --budget gradients=40', 'each attack with 40 gradients a sample');

type Options = ArgumentsCamelCase<Awaited<ReturnType<typeof builder>['argv']>>;

export async function handler(options: Options, io: Io): Promise<number> {
  const { significance } = options;
  const target = path.resolve(io.cwd, options.target);
  const output = options.output && path.resolve(io.cwd, options.output);
  checkInteger('workers', options.workers, 0);
  checkInteger('seed', options.seed, 0);
  if (!(significance > 0 && significance < 1))
    throw new GauntletError('usage', '--significance must be a number between 0 and 1.');
  const finished = statSync(target, { throwIfNoEntry: false })?.isDirectory()
    ? path.join(target, 'report.json')
    : target;
  const isReport = finished.endsWith('.json') && !finished.endsWith('.robust.json');
  if (isReport && options.budget !== undefined)
    throw new GauntletError('usage', '--budget is for a spec: what a finished run has spent is spent.');
  const folder = isReport
    ? path.dirname(finished)
    : (output ?? path.join(runFolder(target, undefined), 'compare'));
  const report = isReport ? readReport(finished) : await attackWithin(options, target, folder, io);
  const comparison = headToHead(report, significance);
  if (comparison.victims.length === 0)
    throw new GauntletError(
      'usage',
      `There is nothing to compare in ${options.target}: no victim has two attacks of one threat model (points of a sweep do not count).`,
    );
  const out = isReport ? (output ?? folder) : folder;
  makeOutputFolder(out);
  writeWhole(path.join(out, 'comparison.json'), [`${JSON.stringify(comparison, null, 1)}\n`]);
  writeWhole(path.join(out, 'comparison.md'), [comparisonMarkdown(comparison)]);
  const page = await reportersOf(io, [`html=${JSON.stringify({ file: path.join(out, 'report.html') })}`]);
  await (await openReporters(page, { folder, cwd: io.cwd, stdout: io.stdout, env: io.env })).show(report);
  const paint = terminalOf(io).colour ? colours : noColours;
  io.stdout.write(`${withoutCommands(comparisonSummary(comparison, paint))}\n`);
  for (const file of ['comparison.json', 'comparison.md', 'report.html'])
    io.stdout.write(`${path.join(out, file)}\n`);
  const judged = report.cells.every(({ findings }) =>
    findings.every(({ severity }) => severity === 'warning'),
  );
  if (report.interrupted) return exitCode.interrupted;
  return judged ? exitCode.held : exitCode.inconclusive;
}

/** Runs the spec without its expectations: a comparison is no gate. */
async function attackWithin(options: Options, target: string, output: string, io: Io): Promise<Report> {
  const { seed, engine, workers, force } = options;
  if (!existsSync(target)) throw new GauntletError('spec-missing', `There is no spec ${options.target}.`);
  const loaded = await loadSpec(target, {
    builtIn: await builtIn(io.modules),
    packages,
    seed,
    engine,
    engineFolder: io.cwd,
  });
  const attacks = loaded.attacks.map((attack) => ({ ...attack, expectations: [] }));
  const budget = options.budget === undefined ? undefined : parseBudget(options.budget);
  const spec = budget ? await withinBudget({ ...loaded, attacks }, budget) : { ...loaded, attacks };
  if (budget) await tellUntold(spec, io);
  const grep = options.grep === undefined ? undefined : compileGrep(options.grep);
  const reporters = await reportersOf(io, ['terminal={"summary":false}', 'json']);
  const needs = needsOf([...reporters, ...(await reportersOf(io, ['html']))]);
  makeOutputFolder(output);
  const reporting = await openReporters(reporters, {
    folder: output,
    cwd: io.cwd,
    stdout: io.stdout,
    env: io.env,
  });
  const { signal, off } = onInterrupt(io);
  let report: Report | undefined;
  for await (const event of run(spec, {
    output,
    workers,
    force,
    grep,
    signal,
    ...needs,
  })) {
    await reporting.onEvent(event);
    if (event.type === 'run-done') report = event.report;
  }
  off();
  return report!;
}

/** An attack without `within` spends what its parameters say: of such a comparison nobody can say that it is at equal budget. */
async function tellUntold({ attacks }: Spec, { stderr }: Io): Promise<void> {
  for (const { name, plugin } of attacks)
    if (!(await loadPlugin('attack', plugin)).within)
      stderr.write(
        `${withoutCommands(name)} does not say how to spend a budget (\`within\`): it runs as the spec has it, and may spend less than the others.\n`,
      );
}

const reportersOf = async ({ modules, cwd }: Io, names: readonly string[]) =>
  chooseReporters(names, { builtIn: await builtIn(modules), folder: cwd, packages });

function parseBudget(given: string): Budget {
  const parts = given.split(',').map((part) => /^(gradients|forwards)=([1-9]\d*)$/.exec(part.trim()));
  if (parts.some((part) => !part))
    throw new GauntletError('usage', `--budget must be like gradients=40 or forwards=100; found "${given}".`);
  return Object.fromEntries(parts.map((part) => [part![1], Number(part![2])]));
}
