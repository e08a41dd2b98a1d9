import { mcnemarOneSided } from '../statistics/paired.js';
import { type Check, count, format } from './check.js';
import { effortOf, paired, sameThreat } from './effort.js';

/** The same attack breaks less where it may do more. Source: Carlini et al. 2019, "attack success rises with epsilon". */
export const fallsWithEpsilon: Check = {
  code: 'falls-with-epsilon',
  weight: 'weak',
  find({ cell, siblings }) {
    const found = siblings
      .filter((one) => one.use === cell.use && sameThreat(one, cell))
      .filter((one) => one.threat.epsilon < cell.threat.epsilon)
      .map((one) => ({ one, ...paired(one, cell) }))
      .find(({ only, onlyOther }) => mcnemarOneSided(only.size, onlyOther) < 0.05);
    if (!found) return undefined;
    const { one, only, onlyOther } = found;
    return {
      samples: cell.outcomes.filter(({ index }) => only.has(index)),
      message: `With epsilon ${format(one.threat.epsilon)} it broke ${count(only.size, 'sample')} that it did not with ${format(cell.threat.epsilon)}, and missed ${onlyOther}. Take smaller steps or more of them, so that a larger ball is searched as well as a smaller one.`,
      // One long step may well go too far.
      ...(effortOf(cell) === 'single step' && { weight: 'hint' }),
    };
  },
};
