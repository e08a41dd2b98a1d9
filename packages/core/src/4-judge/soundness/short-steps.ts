import { type Check, format, range } from './check.js';

/**
 * All steps together are shorter than epsilon. Source: Carlini et al. 2019, "attack with enough iterations"; Pintor et al.
 * 2022. Reads the parameters `steps`, `stepSize` and `randomStart` where an attack has them.
 */
export const shortSteps: Check = {
  code: 'short-steps',
  weight: 'weak',
  find(evidence) {
    const { params, threat } = evidence.cell;
    const { steps, stepSize, randomStart } = params;
    if (typeof steps !== 'number' || typeof stepSize !== 'number' || threat.norm === 'none') return undefined;
    const way = steps * stepSize;
    // From a random start, half of the ball's width is needed to leave the half that it began in.
    const needed = Math.min(threat.epsilon, range(evidence)) * (randomStart === true ? 0.5 : 1);
    if (way >= needed * (1 - 1e-6)) return undefined;
    return {
      message: `${steps} steps of ${format(stepSize)} go ${format(way)} far, epsilon is ${format(threat.epsilon)}: the attack cannot reach what it is allowed. Take stepSize: null, or at least ${format((2 * threat.epsilon) / steps)}.`,
    };
  },
};
