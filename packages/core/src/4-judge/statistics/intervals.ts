import { type Interval, Stream } from '@gauntlet/api';

/** Wilson's score interval for a rate of k in n. Wilson 1927. */
export function wilson(k: number, n: number, confidence: number): Interval {
  const z = normalQuantile(0.5 + confidence / 2);
  const p = k / n;
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  // At the ends the two terms cancel exactly; in floating point, almost.
  return [k === 0 ? 0 : centre - half, k === n ? 1 : centre + half];
}

const resamples = 1000;

export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/**
 * Percentile bootstrap interval for a statistic of a sample; seeded, so the same values give the same interval.
 * Needs n ≥ 2. Efron 1979.
 */
export function bootstrap<T>(
  sample: readonly T[],
  statistic: (sample: readonly T[]) => number,
  confidence: number,
): Interval {
  const n = sample.length;
  const stream = new Stream('bootstrap', n);
  const resampled = [...sample];
  const found = Float64Array.from({ length: resamples }, () => {
    for (let i = 0; i < n; i++) resampled[i] = sample[Math.floor(stream.uniform() * n)];
    return statistic(resampled);
  });
  return between(found, confidence);
}

/** The middle part of what resamples gave. */
function between(found: Float64Array, confidence: number): Interval {
  const sorted = found.sort();
  const tail = (1 - confidence) / 2;
  return [quantile(sorted, tail), quantile(sorted, 1 - tail)];
}

/** Positions that resamples of n values take, of the last n: the metrics of a cell have nearly all the same number of values. */
let drawn: { n: number; positions: Uint16Array } | undefined;

function positionsOf(n: number): Uint16Array {
  if (drawn?.n === n) return drawn.positions;
  const stream = new Stream('bootstrap', n);
  const positions = new Uint16Array(resamples * n);
  for (let i = 0; i < positions.length; i++) positions[i] = Math.floor(stream.uniform() * n);
  drawn = { n, positions };
  return positions;
}

/** What `bootstrap` finds for `mean`, in a fraction of the time: no resample is written down. */
function resampledMeans(values: Float64Array): Float64Array {
  const n = values.length;
  const positions = positionsOf(n);
  const found = new Float64Array(resamples);
  for (let k = 0; k < resamples; k++) {
    let sum = 0;
    for (let i = k * n; i < (k + 1) * n; i++) sum += values[positions[i]];
    found[k] = sum / n;
  }
  return found;
}

/** Samples from which on the distribution of resampled means is known well enough to be computed. */
const manySamples = 1000;

/**
 * Percentile bootstrap interval for a mean. Of many samples its limit to the second order is taken, which costs nothing:
 * the quantiles of resampled means by the expansion of Cornish and Fisher 1938, with the skewness of the sample (Hall
 * 1992, The Bootstrap and Edgeworth Expansion, section 3.3). Needs n ≥ 2.
 */
export function meanInterval(values: readonly number[], confidence: number): Interval {
  const n = values.length;
  if (n < manySamples) return between(resampledMeans(Float64Array.from(values)), confidence);
  const centre = mean(values);
  let [square, cube] = [0, 0];
  for (const value of values) {
    const from = value - centre;
    square += from * from;
    cube += from * from * from;
  }
  const deviation = Math.sqrt(square / n);
  if (deviation === 0) return [centre, centre];
  const skewness = cube / n / deviation ** 3;
  const z = normalQuantile(0.5 + confidence / 2);
  const shift = (skewness * (z * z - 1)) / (6 * Math.sqrt(n));
  const scale = deviation / Math.sqrt(n);
  return [centre + scale * (shift - z), centre + scale * (shift + z)];
}

/** Linear interpolation between order statistics; `sorted` is ascending and not empty. */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const at = p * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/** Inverse of the standard normal distribution function by bisection on its series; |error| < 1e-10. */
export function normalQuantile(p: number): number {
  let [low, high] = [-40, 40];
  for (let i = 0; i < 120; i++) {
    const middle = (low + high) / 2;
    if (normalDistribution(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Φ(x) by its Taylor series around 0 (Marsaglia 2004), exact to double precision for |x| < 7. */
function normalDistribution(x: number): number {
  if (x < -8) return 0;
  if (x > 8) return 1;
  let [sum, term] = [x, x];
  for (let i = 3; Math.abs(term) > 1e-17 * Math.abs(sum); i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}
