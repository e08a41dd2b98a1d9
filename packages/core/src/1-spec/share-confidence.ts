import type { LimitInput, SpecInput } from './spec.js';

/**
 * Replaces, in place, confidences `{ level, over: spec }` by the level that each expectation is held to. By Bonferroni's inequality an error of
 * (1 − level) / m in each of the m expectations that say so is at most 1 − level in any of them, however they depend on each
 * other. Dunn 1961. An attack counts for each victim and each point of its sweep.
 */
export function shareConfidence(input: SpecInput): SpecInput {
  const victims = input.victims ?? (input.victim ? [input.victim] : []);
  const worstCases = victims.flatMap(({ expect = [] }) => expect);
  const ofAttacks = input.attacks.map(({ expect = {}, sweep }) => {
    const points = sweep ? Object.values(sweep)[0].length : 1;
    return victims.length * points * sharing(Object.values(expect));
  });
  const ofWorstCases = worstCases.map(({ robustAccuracy, asr }) => sharing([robustAccuracy, asr]));
  const m = [...ofAttacks, ...ofWorstCases].reduce((sum, count) => sum + count, 0);
  const share = <T extends LimitInput | undefined>(limit: T): T => {
    const confidence = limit?.confidence;
    if (typeof confidence !== 'object') return limit;
    return { ...limit, confidence: 1 - (1 - confidence.level) / m };
  };
  for (const { expect } of input.attacks)
    for (const [metric, limit] of Object.entries(expect ?? {})) expect![metric] = share(limit);
  for (const one of worstCases) {
    one.robustAccuracy = share(one.robustAccuracy);
    one.asr = share(one.asr);
  }
  return input;
}

const sharing = (limits: readonly (LimitInput | undefined)[]): number =>
  limits.filter((limit) => typeof limit?.confidence === 'object').length;
