import { type Check, count, format, hasStandardGoal, median } from './check.js';

/**
 * Attacks that all end at the same value have met a ceiling of the outputs, not the model behind them. Seen with outputs that
 * are cut off or bent back (Lee et al. 2019, reverse sigmoid); what a gradient says there is about the ceiling.
 */
export const plateau: Check = {
  code: 'plateau',
  weight: 'weak',
  find(evidence) {
    if (!evidence.cell.usesGradients || !hasStandardGoal(evidence)) return undefined;
    const followed = evidence.held.filter(({ progress }) => (progress?.looks ?? 0) >= 3);
    if (followed.length < 4) return undefined;
    const typical = median(followed.map(({ progress }) => progress!.end));
    const there = followed.filter(({ progress }) => Math.abs(progress!.end - typical) <= 1e-3 * typical);
    if (there.length <= 0.8 * followed.length) return undefined;
    return {
      samples: there,
      message: `On ${there.length} of the ${count(followed.length, 'sample')} that held, the attack ended at the same margin, ${format(typical)}: the victim's outputs are cut off or bent back there. Attack the scores before that, or attack without gradients.`,
    };
  },
};
