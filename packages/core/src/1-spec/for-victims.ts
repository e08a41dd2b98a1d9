// Whether attacks and criteria are for the victims of a spec.
import { type Attack, type Complaint, type GoalSource, isFor, victimKinds } from '@gauntlet/api';
import type { Spec } from './spec.js';

/** A goal, where the victims' kind has none of its own. */
export function goalComplaints(
  plugin: Pick<Attack, 'name' | 'goals'>,
  goalSource: GoalSource,
  victims: Spec['victims'],
): Complaint[] {
  const goalless = victims.find(({ kind }) => victimKinds[kind].standardGoal === undefined);
  if (!goalless || goalSource === 'spec') return [];
  const { called } = victimKinds[goalless.kind];
  const message =
    plugin.goals === 'any'
      ? `${goalless.name} is ${called}, for which nothing says what an attack has achieved. Give ${plugin.name} a "criterion": contrastive, view-similarity, nearest-other, or one of your own.`
      : `${goalless.name} is ${called}, which is attacked by a criterion, and ${plugin.name} pursues no criterion. Use an attack that works for any goal, such as pgd or mine-uae.`;
  return [{ path: [], message }];
}

const kindsIn = (wanted: Attack['victim']): string =>
  [wanted]
    .flat()
    .map((kind) => `"${kind}"`)
    .join(' or ');

export function checkVictims(
  what: 'attack' | 'criterion',
  plugin: Pick<Attack, 'name' | 'victim'>,
  victims: Spec['victims'],
  problem: (message: string) => void,
): void {
  for (const victim of victims) {
    if (!isFor(plugin.victim, victim.kind)) {
      problem(
        `The ${what} ${plugin.name} is for a victim of kind ${kindsIn(plugin.victim)}; ${victim.name} is of kind "${victim.kind}".`,
      );
    }
  }
}
