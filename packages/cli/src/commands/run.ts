import path from 'node:path';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { GauntletError, type RegressionPolicy, type Report, type Shard } from '@gauntlet/api';
import {
  type BuiltIn,
  costsOf,
  engineNames,
  loadSpec,
  readReport,
  relativeTo,
  runDefaults,
} from '@gauntlet/core';
import { type ChosenReporter, chooseReporters, reporterDefaults, stops } from '@gauntlet/reporters';
import { builtIn, packages } from '../built-in.js';
import { commitOf } from '../commit.js';
import { codeOfReports, exitCode } from '../exit-codes.js';
import { findSpecs } from '../find-specs.js';
import { onInterrupt } from '../interrupt.js';
import type { Io } from '../io.js';
import { checkInteger, compileGrep } from '../options.js';
import { runFolders } from '../run-folder.js';
import { checkQueueOptions, openQueueHost, withQueueOptions } from '../queue-options.js';
import { runSpec } from '../run-spec.js';

export const command = 'run [specs..]';
export const describe = 'Attack the models of robustness specs and judge what the attacks achieved';

/** What a run writes for whom names no reporter. */
const usual = ['terminal', 'json', 'junit', 'html', 'pictures'];

/** Reporters are those that there are; the rest knows no names of plugins. */
export const builder = (yargs: Argv, plugins: BuiltIn) =>
  withQueueOptions(yargs)
    .positional('specs', {
      type: 'string',
      array: true,
      default: [] as string[],
      describe: 'Spec files, or folders to search',
    })
    .option('reporter', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: `${[...(plugins.reporter?.keys() ?? [])].join(', ')}, package#name or ./file; several by repeating or with commas, options as 'name={"key":1}'`,
      default: reporterDefaults(plugins, usual),
    })
    .option('quiet', {
      alias: 'q',
      type: 'boolean',
      default: false,
      describe: 'On the terminal only what did not pass, at the end',
    })
    .option('output', {
      type: 'string',
      requiresArg: true,
      describe: 'Run folder; gauntlet-report beside the spec by default',
    })
    .option('workers', {
      alias: 'j',
      type: 'number',
      requiresArg: true,
      describe:
        'Worker processes; one per core by default, 0 for none. With --queue those of the planner, 1 by default',
    })
    .option('grep', {
      alias: 'g',
      type: 'string',
      requiresArg: true,
      describe: 'Only cells (victim/attack) that match this regular expression',
    })
    .option('shard', {
      type: 'string',
      requiresArg: true,
      describe: 'i/n: only every n-th cell, from the i-th on; gauntlet merge puts the reports together',
    })
    .option('shard-costs', {
      type: 'string',
      requiresArg: true,
      describe: 'With --shard: report.json of an earlier run, for shards that take about the same time',
    })
    .option('last-failed', {
      type: 'boolean',
      default: false,
      describe: 'Only cells that did not pass in the run that is in the run folder; all, if there are none',
    })
    .option('bail', {
      alias: 'x',
      type: 'boolean',
      default: false,
      describe: 'Stop at the first cell that does not pass',
    })
    .option('seed', { type: 'number', requiresArg: true, describe: "Instead of the spec's seed" })
    .option('engine', {
      type: 'string',
      requiresArg: true,
      describe: `Instead of the spec's engines: ${engineNames.join(', ')}, package#name or ./file, each with :device at the end if wanted`,
    })
    .option('force', {
      type: 'boolean',
      default: false,
      describe: 'Do cells again that are unchanged since an earlier run in the run folder',
    })
    .option('resume', { type: 'boolean', default: false, describe: 'Continue the run in the run folder' })
    .option('timeout', {
      type: 'number',
      requiresArg: true,
      default: runDefaults.timeout,
      describe: 'Seconds that one chunk of samples may take',
    })
    .option('batch-size', {
      type: 'number',
      requiresArg: true,
      default: runDefaults.batchSize,
      describe: 'Largest number of samples in one chunk',
    })
    .option('baseline', {
      type: 'string',
      requiresArg: true,
      describe:
        'Compare with this report, sample by sample, and fail on regressions; gauntlet bless writes one',
    })
    .option('tolerance', {
      type: 'number',
      requiresArg: true,
      describe:
        'With --baseline: share of the samples that may be newly broken; alone, each one counts, and 0 allows none',
    })
    .option('significance', {
      type: 'number',
      requiresArg: true,
      describe:
        'With --baseline: fail only if the paired test shows at this level that the model is worse; 0.05 by default, without --tolerance',
    })
    .example('$0 run mnist.robust.yaml -j 2', 'one spec on two workers')
    .example('$0 run --grep pgd --resume', 'all specs below, their PGD cells, where they stopped')
    .check(checkOptions);

type Options = ArgumentsCamelCase<Awaited<ReturnType<typeof builder>['argv']>>;

function checkOptions(options: {
  workers?: number;
  queue?: string;
  priority: number;
  verify: number;
  store: string;
  timeout: number;
  batchSize?: unknown;
  seed?: number;
  grep?: string;
  shard?: string;
  shardCosts?: unknown;
  tolerance?: number;
  significance?: number;
}): true {
  checkInteger('workers', options.workers, 0);
  checkQueueOptions(options);
  checkInteger('seed', options.seed, 0);
  checkInteger('batch-size', options.batchSize, 1);
  for (const name of ['tolerance', 'significance'] as const) {
    const value = options[name];
    if (value !== undefined && !(value >= 0 && value <= 1))
      throw new GauntletError('usage', `--${name} must be a number from 0 to 1.`);
  }
  if (!(options.timeout > 0))
    throw new GauntletError('usage', '--timeout must be a number of seconds above 0.');
  if (options.grep !== undefined) compileGrep(options.grep);
  if (options.shard !== undefined) parseShard(options.shard);
  else if (options.shardCosts !== undefined)
    throw new GauntletError('usage', '--shard-costs goes with --shard.');
  return true;
}

/** Training anew flips single samples both ways, which is no regression: the test decides unless a tolerance is given. */
function regressionPolicy({ tolerance, significance }: Options): RegressionPolicy {
  if (tolerance === undefined) return { tolerance: 0, significance: significance ?? 0.05 };
  return { tolerance, ...(significance !== undefined && { significance }) };
}

export async function handler(options: Options, io: Io): Promise<number> {
  const at = (file: string) => path.resolve(io.cwd, file);
  const plugins = await builtIn(io.modules);
  const chosen = await chooseReporters(options.reporter, { builtIn: plugins, folder: io.cwd, packages });
  const reporters = options.quiet ? chosen.map(quieter) : chosen;
  const files = findSpecs(options.specs, io.cwd);
  if (options.baseline !== undefined && files.length > 1)
    throw new GauntletError('usage', '--baseline is a report of one spec; name that spec alone.');
  const baseline =
    options.baseline === undefined
      ? undefined
      : {
          file: relativeTo(path.dirname(at(files[0])), at(options.baseline)),
          examples: at(options.baseline),
          report: readReport(at(options.baseline)),
          policy: regressionPolicy(options),
        };
  const costs = options.shardCosts === undefined ? undefined : costsOf(readReport(at(options.shardCosts)));
  // All specs are checked before the first one runs.
  const specs = await Promise.all(
    files.map((file) =>
      loadSpec(at(file), {
        builtIn: plugins,
        packages,
        seed: options.seed,
        engine: options.engine,
        engineFolder: io.cwd,
      }),
    ),
  );

  const interrupt = onInterrupt(io);
  const reports: Report[] = [];
  const folders = runFolders(
    specs.map(({ file }) => file),
    options.output && at(options.output),
    io.cwd,
  );
  for (const [i, spec] of specs.entries()) {
    if (interrupt.signal.aborted) break;
    const onQueue = await openQueueHost(options, path.basename(spec.file), io);
    const report = await runSpec(
      spec,
      {
        workers: options.workers,
        // It ends with the first run.
        firstWorker: i === 0 ? io.worker : undefined,
        ...onQueue,
        resume: options.resume,
        force: options.force,
        timeout: options.timeout,
        batchSize: options.batchSize,
        grep: options.grep === undefined ? undefined : compileGrep(options.grep),
        shard: options.shard === undefined ? undefined : parseShard(options.shard),
        costs,
        bail: options.bail ? 1 : undefined,
        signal: interrupt.signal,
        commit: commitOf(spec.file, io.env),
        baseline,
      },
      { folder: folders[i], reporters, io, lastFailed: options.lastFailed },
    ).finally(() => onQueue?.host.close());
    if (report) reports.push(report);
    if (options.bail && (!report || stops(report))) break;
  }
  interrupt.off();
  return interrupt.signal.aborted ? exitCode.interrupted : codeOfReports(reports);
}

const quieter = (one: ChosenReporter): ChosenReporter =>
  one.plugin.name === 'terminal' ? { ...one, params: { ...one.params, quiet: true } } : one;

function parseShard(given: string): Shard {
  const [, index, count] = (/^(\d+)\/(\d+)$/.exec(given) ?? []).map(Number);
  if (!(index >= 1 && index <= count))
    throw new GauntletError('usage', `--shard must be i/n with i from 1 to n, like 1/3; found "${given}".`);
  return { index, count };
}
