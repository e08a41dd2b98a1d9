import { type Check, format } from './check.js';
import { wilson } from '../statistics/intervals.js';

/**
 * A pass of a point whose interval goes beyond the limit: other samples of the same data might have failed it. Source: Carlini
 * et al. 2019, "report uncertainty". Says how many samples would be enough if the rate stays as it is.
 */
export const straddlesLimit: Check = {
  code: 'straddles-limit',
  weight: 'hint',
  find({ expectations }) {
    const open = expectations.filter(({ confidence, min = -Infinity, max = Infinity, measured }) => {
      const { value, interval } = measured;
      if (confidence !== undefined || value === undefined || !interval) return false;
      const passes = value >= min && value <= max;
      return passes && (interval[0] < min || interval[1] > max);
    });
    if (open.length === 0) return undefined;
    const said = open.map(({ metric, min, max, measured: { value, n, interval } }) => {
      const enough = enoughSamples(metric, value!, { min, max });
      const [low, high] = interval!.map(format);
      return `${metric} ${format(value!)} over ${n} samples may be anything from ${low} to ${high}${enough ? ` (about ${enough} samples would settle it)` : ''}`;
    });
    return {
      message: `The limit lies within the 95 % interval: ${said.join('; ')}. Take more samples, or write "confidence" to make it count.`,
    };
  },
};

/** Samples from which on a rate's interval is within the limits; nothing for what is no rate or lies on a limit. */
function enoughSamples(
  metric: string,
  rate: number,
  { min = -Infinity, max = Infinity }: { min?: number; max?: number },
): number | undefined {
  if (!['asr', 'asrRounded', 'cleanAccuracy', 'robustAccuracy'].includes(metric)) return undefined;
  for (let n = 10; n <= 1e5; n = Math.ceil(n * 1.2)) {
    const [low, high] = wilson(rate * n, n, 0.95);
    if (low >= min && high <= max) return Number(n.toPrecision(2));
  }
  return undefined;
}
