import type { Expectation } from '@gauntlet/api';
import { type Check, type Evidence } from './check.js';

const rates = new Set(['asr', 'asrRounded', 'cleanAccuracy', 'robustAccuracy', 'confidence']);
const amounts = new Set([
  'linf',
  'l2',
  'l1',
  'l0',
  'minimalNorm',
  'forwards',
  'gradients',
  'seconds',
  'reconstructionError',
  'cleanReconstructionError',
]);

/** No value of the metric is outside of the limits. Source: Carlini et al. 2019, "make claims that can be falsified". */
export const vacuousExpectation: Check = {
  code: 'vacuous-expectation',
  weight: 'weak',
  find(evidence) {
    const { expectations } = evidence;
    const vacuous = expectations.filter((one) => cannotFail(one, evidence));
    if (vacuous.length === 0) return undefined;
    const said = vacuous.map(limits).join(', ');
    return {
      message: `No result can fail what is expected (${said}). Set a limit that the model has to keep, or leave the expectation out: the cell is then measured.`,
      concerns: () => true,
      ...(vacuous.length < expectations.length && { weight: 'hint' }),
    };
  },
};

function cannotFail({ metric, min = -Infinity, max = Infinity }: Expectation, evidence: Evidence): boolean {
  if (rates.has(metric)) return min <= 0 && max >= 1;
  if (!amounts.has(metric)) return false;
  const { norm, epsilon } = evidence.cell.threat;
  return min <= 0 && max >= (metric === norm ? epsilon : Infinity);
}

const limits = ({ metric, min, max }: Expectation) =>
  [min !== undefined && `${metric} at least ${min}`, max !== undefined && `${metric} at most ${max}`]
    .filter(Boolean)
    .join(' and ');
