import { type Check, count } from './check.js';

/** A model that always says the same class would hold, too. Source: Carlini et al. 2019, "evaluate on enough, diverse data". */
export const oneClass: Check = {
  code: 'one-class',
  weight: 'weak',
  find({ cell: { outcomes }, victim: { kind } }) {
    const labels = outcomes.flatMap(({ label, labels: several }) => {
      if (several) return [`labels {${several.join(', ')}}`];
      return label === undefined ? [] : [`class ${label}`];
    });
    if (kind !== 'classifier' || labels.length < 2 || new Set(labels).size > 1) return undefined;
    return {
      message: `All ${count(labels.length, 'sample')} are of ${labels[0]}: a model that always says so would hold. Take samples of all (dataset: shuffle: true).`,
      // Of a few samples it may be chance.
      ...(labels.length < 5 && { weight: 'hint' }),
    };
  },
};
