import { type Check, count, type Evidence } from './check.js';
import { effortOf } from './effort.js';

/** A victim that gives nothing but its decision has no gradient to be had, nor one to be estimated, nor scores to search by. */
export const hardLabels: Check = {
  code: 'hard-labels',
  weight: 'weak',
  find(evidence) {
    const { cell, held } = evidence;
    const { examination, classes } = evidence.victim;
    const { hardLabels: hard = 0, samples = 0 } = examination ?? {};
    if (classes < 3 || hard <= samples / 2) return undefined;
    const decides = `The victim gives its decision alone (one number for the class, another for all others, on ${hard} of ${count(samples, 'sample')}): `;
    if (cell.usesGradients)
      return {
        message: `${decides}there is no gradient to follow or to estimate. Give it its scores, or attack it with an attack that works on decisions (usesGradients: false).`,
      };
    const blind = searchedBlind(evidence);
    if (blind.length <= held.length / 2) return undefined;
    return {
      samples: blind,
      message: `${decides}it answered every query alike on ${blind.length} of the ${count(held.length, 'sample')} that held, which leaves a search by scores nothing to go by. Give it its scores, or attack it with hop-skip-jump, which works on decisions.`,
    };
  },
};

/** Samples of a search that stayed within epsilon, as one by decisions does not, and never saw another answer. */
function searchedBlind({ cell, held }: Evidence) {
  if (cell.threat.norm === 'none' || effortOf(cell) !== 'search') return [];
  return held.filter(
    ({ progress, forwards = 0 }) =>
      progress && progress.looks > 0 && progress.looks >= forwards && progress.end === progress.start,
  );
}
