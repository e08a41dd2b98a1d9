import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { CellReport, Report } from '@gauntlet/api';
import { builtIn, packages } from '@gauntlet/cli/built-in';
import {
  type CellChoice,
  loadSpec,
  makeOutputFolder,
  poolHost,
  run,
  type Spec,
  type WorkerHost,
} from '@gauntlet/core';
import {
  chooseReporters,
  needsOf,
  openReporters,
  plain,
  replayCommand,
  reporterDefaults,
  shownFolder,
  worstSamples,
} from '@gauntlet/reporters';

/** Worker processes of one test process: several of those run beside each other. */
const workers = Number(process.env.GAUNTLET_WORKERS) || Math.max(1, Math.floor(availableParallelism() / 2));
let host: WorkerHost | undefined;

/** Ends the workers; the next run starts new ones. */
export async function closeWorkers(): Promise<void> {
  const open = host;
  host = undefined;
  await open?.close();
}

/** @throws SpecError with everything that is wrong, and where. */
export const openSpec = async (file: string): Promise<Spec> =>
  loadSpec(file, { builtIn: await builtIn(), packages });

/** Attacks, unless nothing has changed since the last time, and leaves a report in `output`. */
export async function runCells(spec: Spec, output: string, choice: CellChoice = {}): Promise<Report> {
  host ??= poolHost(workers);
  const plugins = await builtIn();
  const names = reporterDefaults(plugins, ['json', 'pictures', 'html']);
  const reporters = await chooseReporters(names, { builtIn: plugins, folder: output, packages });
  makeOutputFolder(output);
  const { stdout, env } = process;
  const reporting = await openReporters(reporters, { folder: output, cwd: process.cwd(), stdout, env });
  let report: Report | undefined;
  for await (const event of run(spec, {
    ...choice,
    output,
    workers,
    host,
    ...needsOf(reporters),
  })) {
    await reporting.onEvent(event);
    if (event.type === 'run-done') report = event.report;
  }
  return report!;
}

/** How to look closer at a cell: its worst samples, the command that replays one, the page. */
export function whereToLook(cell: CellReport, output: string): string {
  const samples = worstSamples(cell, 5);
  const [first = cell.outcomes[0]?.index] = samples;
  return [
    samples.length > 0 && `worst samples: ${samples.join(', ')}`,
    first !== undefined &&
      `replay: ${plain(replayCommand(shownFolder({ folder: output, cwd: process.cwd() }), cell.id, first), 1000)}`,
    `report: ${path.join(output, 'report.html')}`,
  ]
    .filter(Boolean)
    .join('\n');
}
