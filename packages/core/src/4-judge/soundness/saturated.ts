import { type Check, format, hasStandardGoal } from './check.js';

/** Beyond this margin exp(−margin) is 0 in float32, and with it the gradient of the cross-entropy. */
const vanishing = 80;

/** Logits so far apart that the cross-entropy has no gradient. Source: Carlini & Wagner 2017; Croce & Hein 2020, section 4. */
export const saturated: Check = {
  code: 'saturated',
  weight: 'weak',
  find(evidence) {
    const { loss } = evidence.cell.params;
    const margin = evidence.victim.examination?.margin ?? 0;
    if (!hasStandardGoal(evidence) || margin <= vanishing || (loss !== 'ce' && loss !== 'auto'))
      return undefined;
    return {
      message: `The largest logit leads by ${format(margin)} (median): in 32 bits the cross-entropy has no gradient there. Attack with loss: margin or loss: dlr, which do not depend on the scale.`,
    };
  },
};
