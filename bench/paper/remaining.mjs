import { estimate } from './estimate.mjs';
import { planFor } from './plan.mjs';

/** The paper's size: every sample and every training image, its training, and three seeds. */
const fullSize = { images: undefined, seeds: 3, passes: {} };

/**
 * By part, what is open at the paper's size: steps, and the processor seconds of those whose rate is known.
 * @returns {Promise<Record<string, { steps: number, open: number, seconds: number, unknown: number }>>}
 */
export async function remaining(options, rates) {
  const { store, parts } = await planFor({ ...options, ...fullSize });
  return Object.fromEntries(
    parts.map(({ name, steps }) => {
      const open = steps.filter((step) => !store.read(step));
      return [name, { steps: steps.length, open: open.length, ...estimate(open, rates) }];
    }),
  );
}
