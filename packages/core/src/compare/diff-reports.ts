import {
  type CellDifference,
  type CellReport,
  type Difference,
  type Outcome,
  type RegressionPolicy,
  type Report,
  worst,
} from '@gauntlet/api';
import { judgeDifferences } from './judge-difference.js';

/** Every cell of either report; what cannot be compared is inconclusive and says why. */
export function diffReports(
  before: Report,
  now: Report,
  baseline: string,
  policy: RegressionPolicy,
): Difference {
  const ids = [...new Set([...now.cells, ...before.cells].map(({ id }) => id))];
  const found = ids.map((id): CellDifference | Compared => {
    const [old, fresh] = [before, now].map(({ cells }) => cells.find((cell) => cell.id === id));
    if (!old)
      return {
        ...nothing(id),
        verdict: 'pass',
        message: 'new: the baseline has no such cell.',
        added: indicesOf(fresh!),
      };
    if (!fresh)
      return {
        ...nothing(id),
        verdict: 'inconclusive',
        message: `missing: this run has no such cell.${otherName(before, now, old)}`,
        missing: indicesOf(old),
      };
    const reasons = incomparable(before, now, old, fresh);
    if (reasons.length > 0)
      return {
        ...nothing(id),
        verdict: 'inconclusive',
        message: `cannot be compared: ${reasons.join('; ')}.`,
      };
    return diffCell(old, fresh);
  });
  const judgements = judgeDifferences(found.filter(isCompared), policy);
  const cells = found.map((one) => (isCompared(one) ? { ...one, ...judgements.shift()! } : one));
  return { baseline, policy, verdict: worst(cells.map(({ verdict }) => verdict)), cells };
}

/** A cell whose samples were judged in both runs, before anything is concluded from them. */
type Compared = Omit<CellDifference, 'verdict' | 'message' | 'pValue'>;

const isCompared = (one: CellDifference | Compared): one is Compared => !('verdict' in one);

/** What to do where a victim may only have changed its name. */
function otherName(before: Report, now: Report, { victim }: CellReport): string {
  const names = ({ victims }: Report) => victims.map(({ name }) => name);
  const fresh = names(now).filter((name) => !names(before).includes(name));
  if (names(now).includes(victim) || fresh.length === 0) return '';
  return ` The baseline calls its victim "${victim}", this run has ${fresh.map((name) => `"${name}"`).join(', ')}: if that is the same one, write "name: ${victim}" into the victim of the spec.`;
}

const nothing = (id: string) => ({
  id,
  newlyBroken: [],
  newlyFixed: [],
  unchanged: 0,
  added: [],
  missing: [],
});
const indicesOf = ({ outcomes }: CellReport) => outcomes.map(({ index }) => index);

/** What makes the numbers of two runs answers to different questions. */
function incomparable(before: Report, now: Report, old: CellReport, fresh: CellReport): string[] {
  const kind = (report: Report, { victim }: CellReport) =>
    report.victims.find(({ name }) => name === victim)?.kind;
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  return [
    before.dataset.hash !== now.dataset.hash && 'the data is another (its hash differs)',
    before.seed !== now.seed && `the seed is ${now.seed}, the baseline's is ${before.seed}`,
    old.use !== fresh.use && `the attack is ${fresh.use}, the baseline's is ${old.use}`,
    old.version !== fresh.version &&
      `the attack is of version ${fresh.version}, the baseline's of ${old.version}`,
    !same(sorted(old.params), sorted(fresh.params)) && 'the parameters of the attack differ',
    !same(ball(old), ball(fresh)) && 'the threat model of the spec differs',
    old.criterion !== fresh.criterion && 'the criterion differs',
    kind(before, old) !== kind(now, fresh) && 'the victim is of another kind',
  ].filter((reason) => reason !== false);
}

const ball = ({ threat: { also, features } }: CellReport) => [also && [also.norm, also.epsilon], features];

const sorted = (params: Record<string, unknown>) =>
  Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));

/** Right before the attack and under it. */
const withstands = ({ status }: Outcome) => status === 'held';

function diffCell(old: CellReport, fresh: CellReport): Compared {
  const before = new Map(old.outcomes.map((outcome) => [outcome.index, outcome]));
  const now = new Map(fresh.outcomes.map((outcome) => [outcome.index, outcome]));
  const both = [...now.keys()].filter((index) => before.has(index));
  const judged = both.filter(
    (index) => ![before, now].some((run) => run.get(index)!.status === 'unassessed'),
  );
  const newlyBroken = judged.filter(
    (index) => withstands(before.get(index)!) && !withstands(now.get(index)!),
  );
  const newlyFixed = judged.filter((index) => !withstands(before.get(index)!) && withstands(now.get(index)!));
  return {
    id: fresh.id,
    newlyBroken,
    newlyFixed,
    unchanged: judged.length - newlyBroken.length - newlyFixed.length,
    added: [...now.keys()].filter((index) => !before.has(index)),
    missing: [...before.keys()].filter((index) => !now.has(index)),
  };
}
