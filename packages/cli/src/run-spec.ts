import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Report } from '@gauntlet/api';
import { lockFolder, makeOutputFolder, readReport, run, type RunOptions, type Spec } from '@gauntlet/core';
import { type ChosenReporter, needsOf, openReporters, removeReports, stops } from '@gauntlet/reporters';
import type { Io } from './io.js';

interface Where {
  folder: string;
  reporters: readonly ChosenReporter[];
  io: Io;
  /** Only cells that did not pass in the run that the folder holds. */
  lastFailed: boolean;
}

/** Runs a spec in a run folder for its reporters; no report if it was interrupted before there was anything to report on. */
export async function runSpec(
  spec: Spec,
  options: Omit<RunOptions, 'output' | 'only'>,
  { folder, reporters, io, lastFailed }: Where,
): Promise<Report | undefined> {
  makeOutputFolder(folder);
  const unlock = lockFolder(folder);
  let report: Report | undefined;
  try {
    const only = lastFailed ? failedCells(folder) : undefined;
    removeReports(reporters, folder);
    const { cwd, stdout, env } = io;
    const reporting = await openReporters(reporters, { folder, cwd, stdout, env });
    for await (const event of run(spec, { ...options, ...needsOf(reporters), output: folder, only })) {
      await reporting.onEvent(event);
      if (event.type === 'run-done') report = event.report;
    }
    await reporting.end();
    return report;
  } catch (error) {
    // While models were being loaded.
    if (options.signal?.aborted && !report) return undefined;
    throw error;
  } finally {
    unlock();
  }
}

/** Ids of the cells that did not pass in the run that a folder holds; nothing if there are none. */
function failedCells(folder: string): ReadonlySet<string> | undefined {
  const file = path.join(folder, 'report.json');
  if (!existsSync(file)) return undefined;
  const failed = readReport(file).cells.filter(stops);
  return failed.length > 0 ? new Set(failed.map(({ id }) => id)) : undefined;
}
