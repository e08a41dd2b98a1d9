import { type Check, count, hasStandardGoal } from './check.js';

/** Steps that lead nowhere. Source: Pintor et al. 2022, "diverging or non-converging optimisation". */
export const noProgress: Check = {
  code: 'no-progress',
  weight: 'weak',
  find(evidence) {
    if (!evidence.cell.usesGradients || !hasStandardGoal(evidence)) return undefined;
    const followed = evidence.held.filter(({ progress }) => (progress?.looks ?? 0) >= 3);
    const stuck = followed.filter(({ progress }) => {
      const { start, end } = progress!;
      return start - end <= 1e-3 * Math.abs(start);
    });
    if (followed.length < 3 || stuck.length <= followed.length / 2) return undefined;
    return {
      samples: stuck,
      message: `The attack came no nearer to its goal on ${stuck.length} of the ${count(followed.length, 'sample')} that held, whatever steps it took. Look at the sign of the gradient, the step size and the loss.`,
    };
  },
};
