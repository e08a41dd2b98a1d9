import type { ThreatModel } from '@gauntlet/api';
import { type Check, count, format } from './check.js';

/** Perturbations outside of the threat model. Source: Carlini et al. 2019, "verify that the attack stays within its bounds". */
export const attackDefect: Check = {
  code: 'attack-defect',
  weight: 'void',
  find({ cell: { outcomes, threat } }) {
    const defective = outcomes.filter(({ defect }) => defect);
    if (defective.length === 0) return undefined;
    const { index, defect } = defective.reduce((worst, one) =>
      one.defect!.amount > worst.defect!.amount ? one : worst,
    );
    return {
      samples: defective,
      message: `The attack ${brokenRule(threat)} on ${count(defective.length, 'sample')}: sample ${index} is ${defect!.kind} by ${format(defect!.amount)}.`,
    };
  },
};

function brokenRule(threat: ThreatModel): string {
  if (!threat.also) return 'broke its own threat model';
  const { norm, epsilon, also } = threat;
  const allowed = norm === 'none' ? 'box only' : `${norm} ≤ ${format(epsilon)}`;
  return `left the threat model (${allowed}, and ${also.norm} ≤ ${format(also.epsilon)} by the spec)`;
}
