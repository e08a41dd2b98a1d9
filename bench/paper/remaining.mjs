import { estimate } from './estimate.mjs';
import { planFor } from './plan.mjs';

/** The plan at the paper's size: every sample and every training image, its training, and three seeds. */
export const planAtFullSize = (options) => planFor({ ...options, images: undefined, seeds: 3, passes: {} });

/**
 * By part, what is open of a plan: steps, and the processor seconds of those whose rate is known.
 * @returns {Record<string, { steps: number, open: number, seconds: number, unknown: number }>}
 */
export function remaining({ store, parts }, rates) {
  return Object.fromEntries(
    parts.map(({ name, steps }) => {
      const open = steps.filter((step) => !store.read(step));
      return [name, { steps: steps.length, open: open.length, ...estimate(open, rates) }];
    }),
  );
}
