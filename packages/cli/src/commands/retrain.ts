import path from 'node:path';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { loadSpec } from '@gauntlet/core';
import {
  colours,
  noColours,
  plain,
  shownFolder,
  terminalReporter,
  withoutCommands,
} from '@gauntlet/reporters';
import { builtIn, packages } from '../built-in.js';
import { codeOfVerdicts } from '../exit-codes.js';
import { onInterrupt } from '../interrupt.js';
import { type Io, terminalOf } from '../io.js';
import { runFolder } from '../run-folder.js';

export const command = 'retrain <spec>';
export const describe =
  "Train a spec's autoencoder on with what its attacks make, and show whether that helps";

export const builder = (yargs: Argv) =>
  yargs
    .positional('spec', {
      type: 'string',
      demandOption: true,
      describe: 'Spec file with a "retrain" section',
    })
    .option('output', {
      type: 'string',
      requiresArg: true,
      describe: 'Folder to write into; gauntlet-report beside the spec by default',
    })
    .option('workers', {
      alias: 'j',
      type: 'number',
      requiresArg: true,
      describe: 'Worker processes; one per core by default',
    })
    .option('resume', {
      type: 'boolean',
      default: false,
      describe: 'Go on where an earlier call has stopped',
    })
    .option('train-engine', {
      type: 'string',
      requiresArg: true,
      default: 'auto',
      describe: 'tfjs:tensorflow-gpu, tfjs:tensorflow, tfjs:wasm; the first of these that starts',
    })
    .option('engine', { type: 'string', requiresArg: true, describe: 'Engine of the attacks' });

type Options = ArgumentsCamelCase<Awaited<ReturnType<typeof builder>['argv']>>;

export async function handler(options: Options, io: Io): Promise<number> {
  const { retrain, retrainSummary, writeRetrainJunit } = await import('@gauntlet/retraining');
  const { trainEngine, workers, resume, engine } = options;
  const spec = await loadSpec(path.resolve(io.cwd, options.spec), {
    builtIn: await builtIn(io.modules),
    packages,
    engine,
    engineFolder: io.cwd,
  });
  const output = runFolder(spec.file, options.output && path.resolve(io.cwd, options.output));
  const { stream, colour, live } = terminalOf(io);
  const terminal = terminalReporter({
    stream,
    colour,
    live,
    folder: shownFolder({ folder: output, cwd: io.cwd }),
  });
  const { signal, off } = onInterrupt(io);
  const report = await retrain(spec, {
    output,
    workers,
    resume,
    engine: trainEngine,
    signal,
    onEvent: (event) => void terminal.onEvent(event),
    onTrained: ({ done, all, what, error }) => {
      stream.write(`${done}/${all} ${plain(what)}: test error ${error.toPrecision(4)}\n`);
    },
  });
  off();
  writeRetrainJunit(report, output);
  stream.write(`\n${withoutCommands(retrainSummary(report, colour ? colours : noColours))}\n`);
  stream.write(`${path.join(output, 'retrain.json')}\n${path.join(output, 'junit.xml')}\n`);
  return codeOfVerdicts([report.verdict]);
}
