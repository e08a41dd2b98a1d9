import {
  type CellReport,
  type Finding,
  type Outcome,
  type Report,
  type VictimReport,
  type WorstCaseReport,
} from '@gauntlet/api';
import type { WorstCaseEntry } from '../1-spec/spec.js';
import { cellVerdict } from './judge-cell.js';
import { standardMeasures } from './open-metrics.js';
import { attackDefect } from './soundness/attack-defect.js';
import type { Check, MeasuredCell } from './soundness/check.js';
import { checks } from './soundness/checks.js';
import { type Effort, effortOf } from './soundness/effort.js';
import { findWeaknesses, type Weakness } from './soundness/find-weaknesses.js';
import { noSamples } from './soundness/no-samples.js';
import { straddlesLimit } from './soundness/straddles-limit.js';
import { unassessedShare } from './soundness/unassessed.js';
import { vacuousExpectation } from './soundness/vacuous-expectation.js';
import { judgeMeasured, measureExpectation } from './verdict.js';

/** What is looked for in the samples of all attacks together; the other checks are about a single attack. */
const ofAll: readonly Check[] = [
  noSamples,
  attackDefect,
  unassessedShare,
  vacuousExpectation,
  straddlesLimit,
];
const ofEach = checks.filter((check) => !ofAll.includes(check));

/**
 * The worst case over all attacks of a threat model. Sound evidence of one of the most thorough attacks is enough for a
 * pass, since the others can only break more; where each of these has something against it, all of that counts. A cell that
 * the run lacks might have broken anything, so that nothing is concluded without it.
 */
export function judgeWorstCase(
  { victim: name, threat, cells: ids, expectations: expected }: WorstCaseEntry,
  cells: readonly CellReport[],
  victims: readonly VictimReport[],
  { maxUnassessed, strict }: Pick<Report, 'maxUnassessed' | 'strict'>,
): WorstCaseReport {
  const members = ids.flatMap((id) => cells.find((cell) => cell.id === id) ?? []);
  const missing = ids.filter((id) => !members.some((cell) => cell.id === id));
  const victim = victims.find((one) => one.name === name);
  const outcomes = worstOutcomes(members);
  const measured = expected.map((one) => measureExpectation(standardMeasures, one, outcomes));
  const conclude = (findings: Finding[], against: readonly (readonly Finding[])[]): WorstCaseReport => {
    const expectations = measured.map((one, i) => judgeMeasured(one, against[i]));
    const verdict = cellVerdict(expectations, findings) as WorstCaseReport['verdict'];
    return { victim: name, threat, cells: [...ids], verdict, findings, expectations };
  };
  if (missing.length > 0 || !victim) {
    const finding = notRun(missing);
    return conclude(
      [finding],
      measured.map(() => [finding]),
    );
  }

  const standing = measured.filter((one) => judgeMeasured(one, []).verdict !== 'fail');
  const look = (cell: MeasuredCell, among: readonly Check[]): Weakness[] => {
    const siblings = cells.filter((other) => other.id !== cell.id && other.victim === name);
    const attacked = cell.outcomes.filter(({ status }) => status === 'broken' || status === 'held');
    const held = attacked.filter(({ status }) => status === 'held');
    const evidence = { cell, attacked, held, expectations: measured, victim, siblings, maxUnassessed };
    return findWeaknesses(evidence, standing, strict, among);
  };
  const together = look({ ...members[0], attack: 'worst case', outcomes, early: undefined }, ofAll);
  const each = thorough(members).map((cell) => look(cell, ofEach).map((one) => naming(cell, one)));
  const against = measured.map((one) => {
    const taken = each.map((weaknesses) => weaknesses.filter(({ takes }) => takes(one)));
    const shared = taken.every((weaknesses) => weaknesses.length > 0) ? taken.flat() : [];
    return [...together.filter(({ takes }) => takes(one)), ...shared].map(({ finding }) => finding);
  });
  const seen = [...together.map(({ finding }) => finding), ...against.flat()];
  return conclude([...new Set(seen)], against);
}

const notRun = (ids: readonly string[]): Finding => ({
  code: 'unassessed',
  severity: 'inconclusive',
  message: `This run lacks ${ids.join(', ')}, and the worst case is over all of these. Run them together, or merge all shards.`,
  samples: [],
});

const naming = ({ attack }: CellReport, { finding, takes }: Weakness): Weakness => ({
  finding: { ...finding, message: `${attack}: ${finding.message}` },
  takes,
});

const efforts: Record<Effort, number> = { noise: 0, 'single step': 1, search: 2, 'many steps': 2 };

/** Noise and single steps are no evidence beside attacks that search. */
function thorough(members: readonly CellReport[]): CellReport[] {
  const most = Math.max(...members.map((cell) => efforts[effortOf(cell)]));
  return members.filter((cell) => efforts[effortOf(cell)] === most);
}

/** Of each sample the outcome that is worst for the victim; one that may hide worse stands for what holds. */
function worstOutcomes(members: readonly CellReport[]): Outcome[] {
  const [first, ...others] = members;
  return (first?.outcomes ?? []).map((outcome, i) => {
    const all = [outcome, ...others.map(({ outcomes }) => outcomes[i])];
    return all.reduce((worst, one) => (rank(one) < rank(worst) ? one : worst));
  });
}

/** A targeted attack that misses its target may still have led a sample elsewhere, which accuracy counts. */
function rank({ status, label, prediction }: Outcome): number {
  if (status === 'broken') return 0;
  if (status === 'unassessed') return 1;
  if (status === 'held') return label !== undefined && prediction !== label ? 2 : 3;
  return 4;
}
