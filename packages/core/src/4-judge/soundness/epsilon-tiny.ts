import { type Check, format, range } from './check.js';

/** No change, or one that 8 bits cannot hold. Source: Carlini et al. 2019, "state the threat model, and use one that matters". */
export const epsilonTiny: Check = {
  code: 'epsilon-tiny',
  weight: 'weak',
  find(evidence) {
    const { threat } = evidence.cell;
    const halfStep = range(evidence) / 255 / 2;
    if (threat.norm === 'none' || threat.norm === 'l0' || threat.epsilon >= halfStep) return undefined;
    if (threat.epsilon === 0)
      return { message: 'epsilon is 0: nothing may be changed, so nothing can fail. Give it a length.' };
    const [low, high] = evidence.victim.bounds;
    return {
      message: `epsilon ${format(threat.epsilon)} is below half an 8-bit step of the bounds [${low}, ${high}] (${format(halfStep)}): rounding undoes it. epsilon is in the units of the bounds; did you mean ${format(threat.epsilon * 255)}?`,
    };
  },
};
