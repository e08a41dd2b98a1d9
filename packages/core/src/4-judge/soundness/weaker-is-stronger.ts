import { mcnemarOneSided } from '../statistics/paired.js';
import { type Check, count, type MeasuredCell } from './check.js';
import { type Effort, effortOf, paired, sameThreat } from './effort.js';

/** What each kind of attack has to beat. */
const weaker: Record<Effort, readonly Effort[]> = {
  noise: [],
  'single step': ['noise'],
  search: ['noise'],
  'many steps': ['noise', 'single step', 'search'],
};

/**
 * Noise or a black box beats a gradient attack, or one step beats many, on the same samples in the same ball. Source: Athalye,
 * Carlini, Wagner 2018, section 3.1; Carlini et al. 2019.
 */
export const weakerIsStronger: Check = {
  code: 'weaker-is-stronger',
  weight: 'weak',
  find({ cell, siblings }) {
    const mine = effortOf(cell);
    const found = siblings
      .filter((one) => sameThreat(one, cell) && one.threat.epsilon <= cell.threat.epsilon)
      .filter((one) => weaker[mine].includes(effortOf(one)))
      .map((one) => ({ one, ...paired(one, cell) }))
      .filter(({ only, onlyOther }) => mcnemarOneSided(only.size, onlyOther) < 0.05)
      .sort((a, b) => b.only.size - a.only.size);
    if (found.length === 0) return undefined;
    const [{ one, only, onlyOther }] = found;
    return {
      samples: samplesOf(cell, only),
      message: `${one.attack} (${effortOf(one)}) broke ${count(only.size, 'sample')} that this attack (${mine}) did not, and missed ${onlyOther} that it did: gradients mislead here. Try another loss, more steps or restarts, and go by ${one.attack}.`,
    };
  },
};

const samplesOf = ({ outcomes }: MeasuredCell, indices: ReadonlySet<number>) =>
  outcomes.filter(({ index }) => indices.has(index));
