import { readFileSync } from 'node:fs';
import { GauntletError, reasonOf, type RegressionPolicy, type Report, worst } from '@gauntlet/api';
import type { CellChoice } from '../2-plan/cells.js';
import { diffReports } from './diff-reports.js';
import { reportProblem } from './report-shape.js';

/** A saved report that a run is held against. */
export interface Baseline {
  file: string;
  report: Report;
  policy: RegressionPolicy;
}

/**
 * Reads report.json of any run.
 * @throws GauntletError `report-invalid`
 */
export function readReport(file: string): Report {
  const wrong = (why: string, cause?: unknown) =>
    new GauntletError('report-invalid', `${file} is no report of a run: ${why}`, { cause });
  let report: Partial<Report>;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Partial<Report>;
  } catch (error) {
    throw wrong(reasonOf(error), error);
  }
  if (report?.format !== 'gauntlet-report' || !Array.isArray(report.cells) || !Array.isArray(report.victims))
    throw wrong('name the report.json that gauntlet run has written.');
  if (report.version !== 1)
    throw wrong(`it is of version ${String(report.version)}, this Gauntlet reads version 1.`);
  const problem = reportProblem({ ...report, cells: report.cells });
  if (problem) throw wrong(`${problem} It is damaged, or was changed by hand.`);
  return withDefaults(report as Report);
}

/** What reports did not have from the beginning. */
function withDefaults(report: Report): Report {
  const cells = report.cells.map((cell) => ({ ...cell, key: cell.key ?? '' }));
  return {
    ...report,
    cells,
    execution: { ...report.execution, reusedCells: report.execution.reusedCells ?? [] },
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
