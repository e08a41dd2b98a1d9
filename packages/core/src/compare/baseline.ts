import { type RegressionPolicy, type Report, worst } from '@gauntlet/api';
import type { CellChoice } from '../2-plan/cells.js';
import { diffReports } from './diff-reports.js';

/** A saved report that a run is held against. */
export interface Baseline {
  file: string;
  report: Report;
  policy: RegressionPolicy;
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
