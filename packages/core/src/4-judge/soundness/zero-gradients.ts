import { type Check, count, type Evidence } from './check.js';

/** As much as a test of one attack has, too. */
type Looked = Pick<Evidence, 'attacked' | 'held'> & { victim: Pick<Evidence['victim'], 'kind'> };

/** Above this share of attacked samples, gradients that are zero everywhere say more than the attack's success. */
const share = 0.05;

/**
 * A gradient attack that had no gradient to follow. Source: Pintor et al. 2022, indicator "gradient obfuscation"; AutoAttack's
 * flag for zero gradients.
 */
export const zeroGradients = {
  code: 'zero-gradients',
  weight: 'weak',
  find({ attacked, held, victim: { kind } }: Looked) {
    const blind = held.filter(
      ({ flat, gradients = 0, zeroGradients: zeros = 0 }) => flat || (gradients > 0 && zeros >= gradients),
    );
    if (blind.length <= share * attacked.length) return undefined;
    const loss =
      kind === 'classifier' ? 'Attack with a loss that does not saturate (loss: margin), give' : 'Give';
    return {
      samples: blind,
      message: `The victim's gradient was zero everywhere on ${blind.length} of ${count(attacked.length, 'attacked sample')}, which held: that is no evidence. ${loss} a version of the model without rounding, or add an attack that uses no gradient.`,
    };
  },
} satisfies Check;
