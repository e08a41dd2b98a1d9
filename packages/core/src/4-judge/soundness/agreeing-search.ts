import { mcnemarOneSided } from '../statistics/paired.js';
import type { Evidence, MeasuredCell } from './check.js';
import { effortOf, paired, sameThreat } from './effort.js';

/** Its last stage is Square, on all that its gradients have not broken. */
const endsWithSearch = ({ use }: MeasuredCell): boolean => use === 'standard';

/**
 * An attack of the same threat, or the last part of this one, that searches without gradients and breaks no more than chance among what held. Source: Carlini
 * et al. 2019, "try gradient-free attacks".
 */
export const hasAgreeingSearch = ({ cell, siblings }: Evidence): boolean =>
  endsWithSearch(cell) || siblings.some((one) => agrees(one, cell));

function agrees(sibling: MeasuredCell, cell: MeasuredCell): boolean {
  if (effortOf(sibling) !== 'search' || !sameThreat(sibling, cell)) return false;
  if (sibling.threat.epsilon < cell.threat.epsilon) return false;
  const { only, onlyOther } = paired(sibling, cell);
  return mcnemarOneSided(only.size, onlyOther) >= 0.05;
}
