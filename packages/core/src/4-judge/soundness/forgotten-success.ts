import { type Check, count } from './check.js';

/** An adversarial example was found and not returned. Source: Pintor et al. 2022, "silent success". */
export const forgottenSuccess: Check = {
  code: 'forgotten-success',
  weight: 'weak',
  find({ attacked, held, victim: { repeats } }) {
    const forgotten = held.filter(({ seenBroken }) => seenBroken);
    if (forgotten.length === 0) return undefined;
    return {
      samples: forgotten,
      message: `The attack had broken ${forgotten.length} of ${count(attacked.length, 'sample')} on the way and returned something else, which held. Let it return the best that it has seen (BestSoFar does).`,
      // One may be a tie that rounding decided, and a look at a victim with randomness a lucky draw.
      ...((repeats || forgotten.length <= 0.05 * attacked.length) && { weight: 'hint' }),
    };
  },
};
