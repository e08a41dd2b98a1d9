import { type RegressionPolicy, type Report, worst } from '@gauntlet/api';
import type { CellChoice } from '../2-plan/cells.js';
import { diffReports } from './diff-reports.js';

/** A saved report that a run is held against. */
export interface Baseline {
  file: string;
  report: Report;
  /** The path of that file: its examples lie beside it, and are not looked for without. */
  examples?: string;
  policy: RegressionPolicy;
}

/** No time, as a baseline has it: made again from the same outcomes it is the same file. */
const noExecution: Report['execution'] = {
  startedAt: '1970-01-01T00:00:00Z',
  seconds: 0,
  workers: 0,
  node: '',
  retries: [],
  reused: 0,
  reusedCells: [],
};

/**
 * A report with what a later run is held against, and nothing that differs between two runs of the same outcomes: no
 * timings, no traces, nothing of an earlier baseline. Seconds stay where the spec sets a limit on them.
 */
export function asBaseline({ difference: _, ...report }: Report): Report {
  const { cells, worstCases = [] } = report;
  const all = [...cells, ...worstCases];
  const timed = all.some(({ expectations }) => expectations.some(({ metric }) => metric === 'seconds'));
  const bare = cells.map(({ traces: __, metrics: { seconds, ...metrics }, outcomes, ...cell }) => ({
    ...cell,
    metrics: timed ? { ...metrics, seconds } : metrics,
    outcomes: timed ? outcomes : outcomes.map(({ seconds: ___, ...outcome }) => outcome),
  }));
  return {
    ...report,
    verdict: worst(all.map(({ verdict }) => verdict)),
    cells: bare,
    execution: noExecution,
  };
}

/** The report with its difference from the baseline; a regression is part of the verdict. */
export function compareWith(
  report: Report,
  { file, report: before, policy }: Baseline,
  { grep, only, shard }: CellChoice,
): Report {
  const ran = new Set(report.cells.map(({ id }) => id));
  // Cells that were not asked for are not missing.
  const asked = (id: string) => ran.has(id) || !(only || shard || (grep && !grep.test(id)));
  const cells = before.cells.filter(({ id }) => asked(id));
  const difference = diffReports({ ...before, cells }, report, file, policy);
  return { ...report, difference, verdict: worst([report.verdict, difference.verdict]) };
}
