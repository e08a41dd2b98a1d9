import { compareWith } from '../compare/baseline.js';
import { reasonOf } from '../errors/gauntlet-error.js';
import type { CellReport, Report } from '../referee/report.js';
import type { Spec } from '../spec/spec.js';
import { reportCell, reportRun } from './build-report.js';
import type { RunEvent } from './events.js';
import type { Progress } from './open-cells.js';
import type { Plan } from './plan-run.js';
import type { Probes } from './probe-victims.js';
import type { RunOptions } from './run-options.js';

/** Judges a cell and keeps it for later runs; what is missing of it is unassessed. */
export function judgeCell(
  item: Progress,
  spec: Spec,
  { cache, wanted }: Pick<Plan, 'cache' | 'wanted'>,
  emit: (event: RunEvent) => void,
): CellReport {
  const { cell, key, indices, outcomes, reused } = item;
  const report = reportCell(cell, key, indices, outcomes, item, spec.maxUnassessed);
  try {
    if (!reused) cache.write(cell.id, key, report, wanted);
  } catch (error) {
    emit({ type: 'note', message: `${cell.id} cannot be kept for later runs: ${reasonOf(error)}` });
  }
  emit({ type: 'cell-done', cell: report, reused });
  return report;
}

/** The report of the whole, held against the baseline if there is one. */
export function judgeRun(
  spec: Spec,
  { progress, resumed }: Plan,
  probes: Probes,
  options: RunOptions,
  {
    startedAt,
    workers,
    retries,
  }: { startedAt: Date; workers: number; retries: Report['execution']['retries'] },
): Report {
  const cells = progress.map(({ report }) => report!);
  const report = reportRun(spec, probes, cells, {
    interrupted: options.signal?.aborted ?? false,
    shard: options.shard,
    execution: {
      startedAt: startedAt.toISOString(),
      seconds: (Date.now() - startedAt.getTime()) / 1000,
      workers,
      node: process.version,
      retries,
      reused: resumed,
      reusedCells: progress.flatMap(({ cell, reused }) => (reused ? [cell.id] : [])),
    },
  });
  return options.baseline ? compareWith(report, options.baseline, options) : report;
}
