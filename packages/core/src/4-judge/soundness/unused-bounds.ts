import { type Check, format, range } from './check.js';

/** Inputs that use next to nothing of the bounds: values up to 1 under [0, 255]. */
export const unusedBounds: Check = {
  code: 'unused-bounds',
  weight: 'weak',
  find(evidence) {
    const { bounds, examination } = evidence.victim;
    if (!examination) return undefined;
    const [low, high] = examination.range;
    if (high - low >= 0.02 * range(evidence)) return undefined;
    return {
      message: `The inputs lie between ${format(low)} and ${format(high)}, the bounds are [${bounds.join(', ')}]. Set bounds to the range of the data: epsilon is in its units.`,
    };
  },
};
