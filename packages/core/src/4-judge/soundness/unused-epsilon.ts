import { type Check, format, hasStandardGoal, median, range } from './check.js';

/** Held samples that were changed by far less than is allowed. Source: Pintor et al. 2022, "non-converging attack". */
export const unusedEpsilon: Check = {
  code: 'unused-epsilon',
  weight: 'weak',
  find(evidence) {
    const { cell, held, victim } = evidence;
    const { norm, epsilon } = cell.threat;
    if (norm === 'none' || !cell.usesGradients || !hasStandardGoal(evidence)) return undefined;
    const size = victim.inputShape.reduce((a, b) => a * b, 1);
    // A longer one may not fit into the box.
    const fits =
      norm === 'l0' ? size / 4 : { linf: 1, l2: Math.sqrt(size) / 4, l1: size / 4 }[norm] * range(evidence);
    const changed = held.filter(({ l0 = 0 }) => l0 > 0);
    if (epsilon > fits || changed.length === 0) return undefined;
    const typical = median(changed.map((one) => one[norm] ?? 0));
    if (typical >= epsilon / 2) return undefined;
    return {
      samples: changed,
      message: `Samples that held were changed by ${format(typical)} (median, ${norm}), where epsilon allows ${format(epsilon)}. Take more or longer steps.`,
      ...(typical >= epsilon / 10 && { weight: 'hint' }),
    };
  },
};
