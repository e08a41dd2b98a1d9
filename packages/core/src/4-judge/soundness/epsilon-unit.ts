import { type Check, format, range } from './check.js';

/** An epsilon that allows any image is most likely one of another unit (8 for 8/255). */
export const epsilonUnit: Check = {
  code: 'epsilon-unit',
  weight: 'weak',
  find(evidence) {
    const { norm, epsilon } = evidence.cell.threat;
    const { inputShape, bounds } = evidence.victim;
    const size = inputShape.reduce((a, b) => a * b, 1);
    if (norm === 'l0') return undefined;
    const largest = { linf: 1, l2: Math.sqrt(size), l1: size, none: Infinity }[norm] * range(evidence);
    if (epsilon <= largest) return undefined;
    return {
      message: `epsilon ${format(epsilon)} is more than any two images within the bounds [${bounds.join(', ')}] differ by (${format(largest)} in ${norm}). It is in the units of the bounds; did you mean ${format(epsilon / 255)}?`,
    };
  },
};
