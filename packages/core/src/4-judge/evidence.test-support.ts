import type { Expectation, Outcome, Strict, ThreatModel } from '@gauntlet/api';
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
