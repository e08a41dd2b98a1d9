import { type Check, count } from './check.js';

/**
 * The last restart broke what all before it had not. Source: Carlini et al. 2019, "use random restarts". Reads the parameter
 * `restarts`; a restart costs what a held sample cost, divided by it.
 */
export const restartsDisagree: Check = {
  code: 'restarts-disagree',
  weight: 'weak',
  find({ cell, attacked, held }) {
    const { restarts } = cell.params;
    const whole = held.reduce((largest, { forwards = 0 }) => Math.max(largest, forwards), 0);
    if (typeof restarts !== 'number' || restarts < 2 || whole === 0) return undefined;
    const beforeLast = (whole * (restarts - 1)) / restarts;
    const late = attacked.filter(
      ({ status, forwardsToSuccess = 0 }) => status === 'broken' && forwardsToSuccess > beforeLast,
    );
    if (late.length <= 0.05 * attacked.length) return undefined;
    return {
      samples: late,
      message: `The last of ${restarts} restarts broke ${late.length} of ${count(attacked.length, 'sample')} that all before it had not: more restarts would break more. Give it more restarts, or more steps.`,
    };
  },
};
