import type { Expectation } from '@gauntlet/api';
import type { AttackEntry, WorstCaseEntry } from './spec.js';

/** Metrics that are shares of the samples. */
const rates = ['cleanAccuracy', 'robustAccuracy', 'asr', 'asrRounded'];

const canBeDecided = ({ metric, confidence }: Expectation): boolean =>
  rates.includes(metric) && confidence !== undefined;

/** `gate: early`: an attack all of whose expectations can be decided on the way has its intervals hold at any time. */
export const decideEarly = (attack: AttackEntry): AttackEntry =>
  attack.expectations.every(canBeDecided)
    ? { ...attack, expectations: attack.expectations.map((one) => ({ ...one, early: true as const })) }
    : attack;

/** Whether a cell ends as soon as its expectations are decided. */
export const stopsEarly = (expectations: readonly Expectation[]): boolean =>
  expectations.length > 0 && expectations.every(({ early }) => early);

/** Says where `gate: early` would do nothing, or leave something open. */
export function checkEarly(
  attacks: readonly AttackEntry[],
  worstCases: readonly WorstCaseEntry[],
  problem: (message: string) => void,
): void {
  if (worstCases.length > 0)
    problem(
      '"early" ends each cell by itself, and what is expected of all attacks together ("expect" of a victim) needs every sample. Leave one of them out.',
    );
  if (!attacks.some(({ expectations }) => expectations.length > 0 && expectations.every(canBeDecided)))
    problem(
      `"early" decides rates (${rates.join(', ')}) at their confidence, and no attack has such expectations alone. Write asr: { max: 0.1, confidence: 0.95 }, for example.`,
    );
}
