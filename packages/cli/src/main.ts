import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { GauntletError } from '@gauntlet/core';
import * as augment from './commands/augment.js';
import * as bless from './commands/bless.js';
import * as compare from './commands/compare.js';
import * as doctor from './commands/doctor.js';
import * as init from './commands/init.js';
import * as list from './commands/list.js';
import * as merge from './commands/merge.js';
import * as replay from './commands/replay.js';
import * as report from './commands/report.js';
import * as retrain from './commands/retrain.js';
import * as run from './commands/run.js';
import * as schema from './commands/schema.js';
import * as validate from './commands/validate.js';
import * as zoo from './commands/zoo.js';
import { codeOfError, exitCode } from './exit-codes.js';

// A reader that goes away (`gauntlet run | head`) ends the output, not the run and its exit code.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const parser = yargs(hideBin(process.argv))
  .scriptName('gauntlet')
  .usage('$0 <command>\n\nTest the robustness of models the way you test code.')
  .command(run.command, run.describe, run.builder, run.handler)
  .command(list.command, list.describe, list.builder, list.handler)
  .command(validate.command, validate.describe, validate.builder, validate.handler)
  .command(schema.command, schema.describe, (y) => y, schema.handler)
  .command(init.command, init.describe, init.builder, init.handler)
  .command(doctor.command, doctor.describe, (y) => y, doctor.handler)
  .command(replay.command, replay.describe, replay.builder, replay.handler)
  .command(augment.command, augment.describe, augment.builder, augment.handler)
  .command(retrain.command, retrain.describe, retrain.builder, retrain.handler)
  .command(merge.command, merge.describe, merge.builder, merge.handler)
  .command(bless.command, bless.describe, bless.builder, bless.handler)
  .command(compare.command, compare.describe, compare.builder, compare.handler)
  .command(report.command, report.describe, report.builder, report.handler)
  .command(zoo.command, zoo.describe, zoo.builder, zoo.handler)
  .demandCommand(1, 'Name a command.')
  .recommendCommands()
  .strict()
  .completion('completion', 'Print a completion script for bash or zsh')
  .wrap(Math.min(110, process.stdout.columns ?? 100))
  .epilogue(`Exit codes: ${Object.entries(exitCode).map(([name, code]) => `${code} ${name}`).join(', ')}`)
  .fail((message, error) => {
    throw error ?? new GauntletError('usage', `${message}\nSee gauntlet --help.`);
  }); // prettier-ignore

try {
  await parser.parseAsync();
} catch (error) {
  if (error instanceof GauntletError) {
    process.stderr.write(`${error.toString()}\n`);
    process.exitCode = codeOfError(error.code);
  } else {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = exitCode.usage;
  }
}
