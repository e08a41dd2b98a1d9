import type { CellReport, ExpectationResult, Finding, Metric, Outcome } from '@gauntlet/api';
import { type CellJudgement, type Circumstances, judgeCell, measuredOf } from '../4-judge/judge-cell.js';
import { decidedAfter } from '../4-judge/decided-after.js';
import { computePoint } from '../4-judge/metrics.js';
import { standardMeasures } from '../4-judge/open-metrics.js';
import { type Measured, measureExpectation } from '../4-judge/verdict.js';
import type { Refuse } from './refuse.js';

/** Metrics that can be computed again: those of plugins would run the code of whoever made the report. */
const measures = standardMeasures;

/** A cell with its findings, expectations and verdict computed anew. */
export function checkCell(cell: CellReport, circumstances: Circumstances, refuse: Refuse): CellReport {
  const { outcomes, metrics, early } = cell;
  const measured = cell.expectations.map((stated) => measureAgain(stated, outcomes));
  const { findings, expectations, verdict } = judgeCell(cell, measured, circumstances);
  if (early) checkEarly(cell, early, refuse);
  checkJudgement(cell, { findings, expectations, verdict }, refuse);
  for (const [name, metric] of Object.entries(metrics)) {
    if (metric && measures.has(name))
      checkMetric(metric, name, outcomes, (why) => refuse(`metrics.${name}`, why));
  }
  return { ...cell, findings, expectations };
}

/** A cell that ended early did so where its samples decide, and no sample after that was attacked. */
function checkEarly(
  { expectations, outcomes }: CellReport,
  { samples, saved }: NonNullable<CellReport['early']>,
  refuse: Refuse,
): void {
  const attacked = outcomes.slice(samples).some(({ status }) => status !== 'unassessed');
  if (attacked || samples + saved !== outcomes.length || decidedAfter(expectations, outcomes) !== samples)
    refuse('early', `its ${outcomes.length} outcomes are not decided after ${samples} and ended there.`);
}

/** What is stated against what follows. */
export function checkJudgement(
  stated: CellJudgement,
  { findings, expectations, verdict }: CellJudgement,
  refuse: Refuse,
): void {
  if (codesOf(findings) !== codesOf(stated.findings))
    refuse(
      'findings',
      `there are ${codesOf(stated.findings)}, but its outcomes make it ${codesOf(findings)}.`,
    );
  stated.expectations.forEach((one, i) => {
    const judged = expectations[i];
    const { value, n } = judged.measured;
    if (!same(value, one.measured.value) || n !== one.measured.n)
      refuse(
        `expectations[${i}].measured`,
        `${said(one.measured)}, but its outcomes make it ${said(judged.measured)}.`,
      );
    if (judged.verdict !== one.verdict)
      refuse(
        `expectations[${i}].verdict`,
        `it says ${one.verdict}, but ${judged.verdict} follows: ${judged.message}`,
      );
  });
  if (stated.verdict !== verdict)
    refuse('verdict', `it says ${stated.verdict}, but its expectations and findings make it ${verdict}.`);
}

function checkMetric(
  stated: Metric,
  name: string,
  outcomes: readonly Outcome[],
  refuse: (why: string) => never,
): void {
  let found: Pick<Metric, 'value' | 'n'>;
  try {
    found = computePoint(measures, name, outcomes);
  } catch {
    return refuse(`${said(stated)}, but its outcomes have what is no number.`);
  }
  if (!same(found.value, stated.value) || found.n !== stated.n)
    refuse(`${said(stated)}, but its outcomes make it ${said(found)}.`);
  const { interval: [low, high] = [0, 0] } = stated;
  if (low > high) refuse(`its interval ends at ${high}, before it begins.`);
}

/** A plugin's metric is held against its limit as it is stated; why it could not be measured is for the plugin to say. */
function measureAgain(stated: ExpectationResult, outcomes: readonly Outcome[]): Measured {
  const { metric, min, max, confidence, early } = stated;
  const expectation = {
    metric,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(confidence !== undefined && { confidence }),
    ...(early && { early }),
  };
  return measures.has(metric) ? measureExpectation(measures, expectation, outcomes) : measuredOf(stated);
}

const codesOf = (findings: readonly Finding[]): string =>
  findings
    .map(({ code, severity, samples }) => `${code} (${severity}) of ${samples.length} samples`)
    .join(', ') || 'none';

const said = ({ value, n }: Pick<Metric, 'value' | 'n'>): string =>
  `${value === undefined ? 'no value' : String(value)} over ${n} samples`;

/** Sums are not the same to the last bit on every machine. */
const same = (a: number | undefined, b: number | undefined): boolean =>
  a === b ||
  (a !== undefined && b !== undefined && Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b)));
