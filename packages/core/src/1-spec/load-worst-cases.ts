import type { Limit, ThreatModel } from '@gauntlet/api';
import type { Loading, Path } from './load-attacks.js';
import type { AttackEntry, VictimInput, WorstCaseEntry, WorstCaseInput } from './spec.js';

/** What a victim is expected to withstand of all attacks of a threat model together. */
export function loadWorstCases(
  { expect, kind }: VictimInput,
  victim: string,
  attacks: readonly AttackEntry[],
  where: Path,
  complain: Loading['complain'],
): WorstCaseEntry[] {
  const inputs = expect === undefined ? [] : Array.isArray(expect) ? expect : [expect];
  return inputs.flatMap((input, i) => {
    const at = Array.isArray(expect) ? [...where, 'expect', i] : [...where, 'expect'];
    const problem = (message: string) => complain(at, [{ path: [], message }]);
    if (input.robustAccuracy && kind !== 'classifier')
      problem(`"robustAccuracy" is of classifiers; expect "asr" of ${victim}.`);
    const chosen = attacks.filter(({ threat }) => isMeant(threat, input));
    const models = new Map(chosen.map((attack) => [modelOf(attack), attack]));
    if (models.size !== 1) {
      problem(models.size === 0 ? noneSuch(attacks, input) : severalModels(chosen));
      return [];
    }
    const { robustAccuracy, asr } = input;
    return [
      {
        victim,
        threat: chosen[0].threat,
        cells: chosen.map(({ name }) => `${victim}/${name}`),
        expectations: Object.entries({ robustAccuracy, asr })
          .filter((pair): pair is [string, Limit] => pair[1] !== undefined)
          .map(([metric, limit]) => ({ metric, ...limit })),
      },
    ];
  });
}

const isMeant = (threat: ThreatModel, { kind, norm, epsilon }: WorstCaseInput): boolean =>
  (kind === undefined || kind === threat.kind) &&
  (norm === undefined || threat.kind === undefined) &&
  (norm === undefined || norm === threat.norm) &&
  (epsilon === undefined || epsilon === threat.epsilon);

/** What an attack may do and is for. Only where this is equal does a sample that one breaks count against the same claim. */
const modelOf = ({ threat: { norm, epsilon, target, family }, criterion }: AttackEntry): string =>
  JSON.stringify([
    norm,
    epsilon,
    family ?? null,
    target ?? null,
    criterion?.use ?? null,
    criterion?.params ?? null,
  ]);

function severalModels(attacks: readonly AttackEntry[]): string {
  const balls = new Set(attacks.map(({ threat }) => ball(threat)));
  const remedy =
    balls.size > 1
      ? 'Write "norm" and "epsilon" of the one that is meant (or `kind: corruption`); several can be given as a list.'
      : 'Attacks with another target or criterion pursue another goal: give them a spec of their own.';
  return `The attacks differ in their threat model (${listed(attacks)}), and a worst case over several says nothing about any of them. ${remedy}`;
}

const noneSuch = (attacks: readonly AttackEntry[], { kind, norm, epsilon }: WorstCaseInput): string =>
  `No attack of the spec has ${[kind && `kind ${kind}`, norm && `norm ${norm}`, epsilon !== undefined && `epsilon ${epsilon}`].filter(Boolean).join(' and ')}. There are: ${listed(attacks)}.`;

const ball = ({ norm, epsilon, family }: ThreatModel) =>
  family ?? (norm === 'none' ? 'norm none' : `${norm} ${epsilon}`);

const listed = (attacks: readonly AttackEntry[]) =>
  attacks.map(({ name, threat }) => `${name}: ${ball(threat)}`).join(', ');
