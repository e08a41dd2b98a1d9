import { type CellReport, reasonOf, type Report, type RunEvent } from '@gauntlet/api';
import type { Spec } from '../1-spec/spec.js';
import { makeCells } from '../2-plan/cells.js';
import type { Progress } from '../2-plan/open-cells.js';
import type { Plan } from '../2-plan/plan-run.js';
import type { Probes } from '../3-worker/probes.js';
import type { RunOptions } from '../run-options.js';
import { reportCell, reportRun } from './build-report.js';
import type { Measures } from './metrics.js';

/** Judges a cell by itself and keeps it for later runs; what is missing of it is unassessed. */
export function finishCell(
  item: Progress,
  spec: Spec,
  measures: Measures,
  probes: Probes,
  { cache }: Pick<Plan, 'cache'>,
  emit: (event: RunEvent) => void,
): CellReport {
  const { cell, key, indices, outcomes, reused, wanted } = item;
  const lasts = item.lasts && item.otherEngines.size === 0;
  const { victim, examination } = probes.get(cell.victim.name)!;
  const about = { ...victim, examination };
  const report = reportCell(measures, cell, key, indices, outcomes, item, spec, about);
  try {
    if (!reused && lasts) cache.write(cell.id, key, report, wanted);
  } catch (error) {
    emit({ type: 'note', message: `${cell.id} cannot be kept for later runs: ${reasonOf(error)}` });
  }
  const others = [...item.otherEngines].join(', ');
  if (others !== '')
    emit({
      type: 'note',
      message: `${cell.id}: samples were computed by ${others} instead of ${victim.engine}: another run may come to other outcomes.`,
    });
  emit({ type: 'cell-done', cell: report, reused });
  return report;
}

/** The report of the whole. */
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
  const { grep, only, shard, costs } = options;
  const planned = makeCells(spec, { grep, only }).map(({ id }) => id);
  const leftOut = makeCells(spec).flatMap(({ id }) => (planned.includes(id) ? [] : [id]));
  return reportRun(spec, probes, cells, {
    interrupted: options.signal?.aborted ?? false,
    shard: shard && { ...shard, cells: planned, ...(costs && { own: cells.map(({ id }) => id) }) },
    ...(leftOut.length > 0 && { leftOut }),
    execution: {
      startedAt: startedAt.toISOString(),
      ...(options.commit !== undefined && { commit: options.commit }),
      seconds: (Date.now() - startedAt.getTime()) / 1000,
      workers,
      node: process.version,
      retries,
      reused: resumed,
      reusedCells: progress.flatMap(({ cell, reused }) => (reused ? [cell.id] : [])),
      checks: costOfChecks(progress, probes),
    },
  });
}

/** What it took in this run to look at the evidence, beside what the attacks took. */
function costOfChecks(progress: readonly Progress[], probes: Probes): { seconds: number; attacks: number } {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const examined = [...probes.values()].map(({ examinedIn }) => examinedIn);
  const attacks = progress.flatMap(({ outcomes, reused }) =>
    reused ? [] : [...outcomes.values()].map(({ seconds = 0 }) => seconds),
  );
  return {
    seconds: sum([...examined, ...progress.map(({ checkSeconds }) => checkSeconds)]),
    attacks: sum(attacks),
  };
}
