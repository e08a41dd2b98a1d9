import {
  type CellReport,
  type ExpectationResult,
  type Finding,
  type Report,
  type VictimReport,
  type Verdict,
  worst,
} from '@gauntlet/api';
import type { Evidence, MeasuredCell } from './soundness/check.js';
import { findWeaknesses } from './soundness/find-weaknesses.js';
import { judgeMeasured, type Measured } from './verdict.js';

/** What of the run a cell is judged by, beside itself. */
export interface Circumstances extends Pick<Report, 'maxUnassessed' | 'strict'> {
  victim: Evidence['victim'];
  /** The other cells of the same victim. */
  siblings: readonly MeasuredCell[];
}

export interface CellJudgement {
  findings: Finding[];
  expectations: ExpectationResult[];
  verdict: Verdict;
}

/** Findings → expectations → verdict of a cell. The one place where they come together. */
export function judgeCell(
  cell: MeasuredCell,
  measured: readonly Measured[],
  { victim, siblings, maxUnassessed, strict }: Circumstances,
): CellJudgement {
  const attacked = cell.outcomes.filter(({ status }) => status === 'broken' || status === 'held');
  const held = attacked.filter(({ status }) => status === 'held');
  const evidence = { cell, attacked, held, expectations: measured, victim, siblings, maxUnassessed };
  const standing = measured.filter((one) => judgeMeasured(one, []).verdict !== 'fail');
  const weaknesses = findWeaknesses(evidence, standing, strict);
  const findings = weaknesses.map(({ finding }) => finding);
  const expectations = measured.map((one) => {
    const against = weaknesses.filter(({ takes }) => takes(one)).map(({ finding }) => finding);
    return judgeMeasured(one, against);
  });
  return { findings, expectations, verdict: cellVerdict(expectations, findings) };
}

/** Without expectations there is nothing that could pass. */
export function cellVerdict(results: readonly ExpectationResult[], findings: readonly Finding[]): Verdict {
  const verdicts: Verdict[] = results.map(({ verdict }) => verdict);
  if (findings.some(({ severity }) => severity === 'inconclusive')) verdicts.push('inconclusive');
  return verdicts.length === 0 ? 'measured' : worst(verdicts);
}

/** Cells that were judged each by itself, judged again beside the others: what one attack says of another counts. */
export function judgeTogether(
  cells: readonly CellReport[],
  victims: readonly VictimReport[],
  { maxUnassessed, strict }: Pick<Report, 'maxUnassessed' | 'strict'>,
): CellReport[] {
  return cells.map((cell) => {
    const siblings = cells.filter((other) => other !== cell && other.victim === cell.victim);
    const victim = victims.find(({ name }) => name === cell.victim)!;
    const measured = cell.expectations.map(measuredOf);
    return { ...cell, ...judgeCell(cell, measured, { victim, siblings, maxUnassessed, strict }) };
  });
}

/** An expectation as it was before it was judged. */
export function measuredOf({ verdict, message, ...rest }: ExpectationResult): Measured {
  const unmeasured = verdict === 'inconclusive' && rest.measured.value === undefined;
  return { ...rest, ...(unmeasured && message.includes('cannot be measured: ') && { failure: message }) };
}
