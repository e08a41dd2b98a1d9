import { type Check, count, format } from './check.js';

/** More samples without an outcome than the spec allows; those after the decision of an early gate have none. */
export const unassessedShare: Check = {
  code: 'unassessed',
  weight: 'void',
  find({ cell, maxUnassessed }) {
    const outcomes = cell.outcomes.slice(0, cell.early?.samples);
    const open = outcomes.filter(({ status, defect }) => status === 'unassessed' && !defect);
    if (open.length <= maxUnassessed * outcomes.length) return undefined;
    const reasons = [...new Set(open.map(({ reason }) => reason?.replace(/\.$/, '')))].slice(0, 3).join('; ');
    return {
      samples: open,
      message: `${open.length} of ${count(outcomes.length, 'sample')} unassessed (allowed: ${format(maxUnassessed * 100)} %): ${reasons}.`,
    };
  },
};
