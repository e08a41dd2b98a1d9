import path from 'node:path';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { loadSpec } from '@gauntlet/core';
import { shownFolder, terminalReporter } from '@gauntlet/reporters';
import { builtIn, packages } from '../built-in.js';
import { codeOfReports } from '../exit-codes.js';
import { onInterrupt } from '../interrupt.js';
import { type Io, terminalOf } from '../io.js';
import { runFolder } from '../run-folder.js';

export const command = 'augment <spec>';
export const describe =
  "Write what a spec's attacks make of its dataset as training data (.npz and a manifest)";

export const builder = (yargs: Argv) =>
  yargs
    .positional('spec', { type: 'string', demandOption: true, describe: 'Spec file' })
    .option('output', {
      type: 'string',
      requiresArg: true,
      describe: 'Folder to write into; gauntlet-report beside the spec by default',
    })
    .option('workers', {
      alias: 'j',
      type: 'number',
      requiresArg: true,
      describe: 'Worker processes; one per core by default, 0 for none',
    })
    .option('force', {
      type: 'boolean',
      default: false,
      describe: 'Do again what is unchanged since an earlier call',
    })
    .option('resume', {
      type: 'boolean',
      default: false,
      describe: 'Go on where an earlier call has stopped',
    })
    .option('seed', { type: 'number', requiresArg: true, describe: "Instead of the spec's seed" })
    .option('engine', { type: 'string', requiresArg: true, describe: "Instead of the spec's engines" });

type Options = ArgumentsCamelCase<Awaited<ReturnType<typeof builder>['argv']>>;

export async function handler(options: Options, io: Io): Promise<number> {
  const { augment } = await import('@gauntlet/retraining');
  const { seed, engine, workers, resume, force } = options;
  const spec = await loadSpec(path.resolve(io.cwd, options.spec), {
    builtIn: await builtIn(io.modules),
    packages,
    seed,
    engine,
    engineFolder: io.cwd,
  });
  const output = runFolder(spec.file, options.output && path.resolve(io.cwd, options.output));
  const terminal = terminalReporter({
    ...terminalOf(io),
    folder: shownFolder({ folder: output, cwd: io.cwd }),
  });
  const { signal, off } = onInterrupt(io);
  const { report, sets } = await augment(spec, {
    output,
    workers,
    resume,
    force,
    signal,
    onEvent: (event) => void terminal.onEvent(event),
  });
  off();
  for (const { file, n, broken } of sets) io.stdout.write(`${file}: ${n} images, ${broken} met the goal\n`);
  return codeOfReports([report]);
}
