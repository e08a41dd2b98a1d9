import { createRequire } from 'node:module';
import yargs from 'yargs';
import { GauntletError } from '@gauntlet/api';
import { plainLines } from '@gauntlet/reporters';
import { builtIn } from './built-in.js';
import { codeOfError, exitCode } from './exit-codes.js';
import type { Io } from './io.js';
import { nameMissing } from './missing-arguments.js';
import * as augment from './commands/augment.js';
import * as bless from './commands/bless.js';
import * as compare from './commands/compare.js';
import * as doctor from './commands/doctor.js';
import * as history from './commands/history.js';
import * as init from './commands/init.js';
import * as list from './commands/list.js';
import * as merge from './commands/merge.js';
import * as queue from './commands/queue.js';
import * as replay from './commands/replay.js';
import * as report from './commands/report.js';
import * as retrain from './commands/retrain.js';
import * as run from './commands/run.js';
import * as schema from './commands/schema.js';
import * as validate from './commands/validate.js';
import * as work from './commands/work.js';
import * as zoo from './commands/zoo.js';

export type { Io, Output } from './io.js';

/** Of this package: yargs would take that of the project that it is called in. */
const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/** Of commands that cannot do without something. */
const usages = [
  ...[augment, bless, compare, history, merge, replay, report, retrain].map(({ command }) => command),
  `zoo ${zoo.train.command}`,
];

/** What a command does: it gives the exit code. */
export type Handler<Options> = (options: Options, io: Io) => number | Promise<number>;

/**
 * Does what a command line asks for and gives its exit code. Nothing of the process is touched but through `io`.
 * @param argv Arguments without the program's own name: `['run', 'mnist.robust.yaml']`.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  // Who names no command is helped, and has tested nothing.
  const asked = argv.length === 0 ? ['--help'] : [...argv];
  let code: number = argv.length === 0 ? exitCode.usage : exitCode.held;
  const by =
    <Options>(handler: Handler<Options>) =>
    async (options: Options): Promise<void> => {
      code = await handler(options, io);
    };
  const parser = yargs(asked, io.cwd)
    .scriptName('gauntlet')
    .version(version)
    .usage('$0 <command>\n\nTest the robustness of models the way you test code.')
    .command(
      run.command,
      run.describe,
      async (y) => run.builder(y, await builtIn(io.modules)),
      by(run.handler),
    )
    .command(list.command, list.describe, list.builder, by(list.handler))
    .command(validate.command, validate.describe, validate.builder, by(validate.handler))
    .command(schema.command, schema.describe, schema.builder, by(schema.handler))
    .command(init.command, init.describe, init.builder, by(init.handler))
    .command(doctor.command, doctor.describe, (y) => y, by(doctor.handler))
    .command(replay.command, replay.describe, replay.builder, by(replay.handler))
    .command(augment.command, augment.describe, augment.builder, by(augment.handler))
    .command(retrain.command, retrain.describe, retrain.builder, by(retrain.handler))
    .command(merge.command, merge.describe, merge.builder, by(merge.handler))
    .command(bless.command, bless.describe, bless.builder, by(bless.handler))
    .command(compare.command, compare.describe, compare.builder, by(compare.handler))
    .command(history.command, history.describe, history.builder, by(history.handler))
    .command(report.command, report.describe, report.builder, by(report.handler))
    .command(work.command, work.describe, work.builder, by(work.handler))
    .command(queue.command, queue.describe, (y) =>
      y
        .command(queue.status.command, queue.status.describe, queue.status.builder, by(queue.status.handler))
        .demandCommand(1, 'Name a command: status.'),
    )
    .command(zoo.command, zoo.describe, (y) =>
      y
        .command(zoo.list.command, zoo.list.describe, (z) => z, by(zoo.list.handler))
        .command(zoo.train.command, zoo.train.describe, zoo.train.builder, by(zoo.train.handler))
        .demandCommand(1, 'Name a command: list or train.'),
    )
    .demandCommand(1, 'Name a command.')
    .recommendCommands()
    .strict()
    .completion('completion', 'Print a completion script for bash or zsh')
    .wrap(Math.min(110, io.stdout.columns ?? 100))
    .epilogue(
      `Exit codes: ${Object.entries(exitCode)
        .map(([name, value]) => `${value} ${name}`)
        .join(', ')}`,
    )
    // Like all other messages; nameMissing() reads one of them.
    .locale('en')
    .fail((message, error) => {
      const named = nameMissing(message, asked, usages);
      throw error ?? new GauntletError('usage', `${named}\nSee gauntlet --help.`);
    });
  renderNoHelpAhead(parser);
  try {
    // With a callback yargs neither prints (help, version, completions) nor ends the process.
    await parser.parseAsync(asked, {}, (_error, _options, output) => {
      if (output) io.stdout.write(`${output}\n`);
    });
    return code;
  } catch (error) {
    if (error instanceof GauntletError) {
      io.stderr.write(`${plainLines(error.toString())}\n`);
      return codeOfError(error.code);
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.stderr.write(`${plainLines(text)}\n`);
    return exitCode.usage;
  }
}

/** What yargs does not document. */
interface Undocumented {
  getInternalMethods?(): { getUsageInstance?(): { cacheHelpMessage?: () => void } };
}

/**
 * yargs renders the whole help of a command at every call of it, for a `showHelp()` later on that nothing here asks for: 28
 * of the 35 ms that the parsing of a command line takes.
 */
function renderNoHelpAhead(parser: object): void {
  const usage = (parser as Undocumented).getInternalMethods?.().getUsageInstance?.();
  if (usage?.cacheHelpMessage) usage.cacheHelpMessage = () => {};
}
