import type { Expectation, Finding, Outcome, Strict, ThreatModel } from '@gauntlet/api';
import { type CellJudgement, judgeCell } from './judge-cell.js';
import type { Measures } from './metrics.js';
import { standardMeasures } from './open-metrics.js';
import type { Evidence, MeasuredCell } from './soundness/check.js';
import { measureExpectation } from './verdict.js';

export interface Given {
  expected?: readonly Expectation[];
  measures?: Measures;
  maxUnassessed?: number;
  strict?: Strict;
  threat?: ThreatModel;
  cell?: Partial<MeasuredCell>;
  victim?: Partial<Evidence['victim']>;
  siblings?: readonly MeasuredCell[];
}

/** A gradient attack on a classifier of ten classes, within 0.1 of 8×8 images. */
export const cellOf = (outcomes: readonly Outcome[], rest: Partial<MeasuredCell> = {}): MeasuredCell => ({
  id: 'v/a',
  victim: 'v',
  attack: 'a',
  use: 'pgd',
  params: {},
  threat: { norm: 'linf', epsilon: 0.1 },
  usesGradients: true,
  outcomes,
  ...rest,
});

/** What outcomes are judged to be, in a cell that has nothing to be said against otherwise. */
export function judged(outcomes: readonly Outcome[], given: Given = {}): CellJudgement {
  const { expected = [], measures = standardMeasures, threat, siblings = [] } = given;
  const cell = cellOf(outcomes, { ...(threat && { threat }), ...given.cell });
  const victim: Evidence['victim'] = {
    kind: 'classifier',
    bounds: [0, 1],
    classes: 10,
    gradients: 'exact',
    inputShape: [8, 8, 1],
    ...given.victim,
  };
  return judgeCell(
    cell,
    expected.map((one) => measureExpectation(measures, one, outcomes)),
    { victim, siblings, maxUnassessed: given.maxUnassessed ?? 0, strict: given.strict ?? true },
  );
}

/** Twenty samples of two classes that held at the whole of epsilon; `rest` is added to each. */
export const allHeld = (rest: Partial<Outcome> = {}, n = 20): Outcome[] =>
  Array.from({ length: n }, (_, index) => ({
    index,
    status: 'held',
    label: index % 2,
    cleanPrediction: index % 2,
    linf: 0.1,
    l0: 9,
    ...rest,
  }));

/** What one check says where the attack is expected to break at most half: nothing, or how much it counts, and its words. */
export function findingOf(
  code: Finding['code'],
  given: Given = {},
  outcomes: readonly Outcome[] = allHeld(),
): Finding | undefined {
  const { findings } = judged(outcomes, { expected: [{ metric: 'asr', max: 0.5 }], ...given });
  return findings.find((one) => one.code === code);
}

/** The same, and only how much it counts. */
export const severityOf = (...of: Parameters<typeof findingOf>): Finding['severity'] | undefined =>
  findingOf(...of)?.severity;
