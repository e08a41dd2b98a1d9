import {
  type Evidence,
  GauntletError,
  type Interval,
  type Metric,
  type Metrics,
  type Outcome,
} from '@gauntlet/api';
import { bootstrap, mean, meanInterval, quantile, wilson } from './statistics/intervals.js';

/** What each metric of a run, with its options, finds in the outcomes of a cell. By name. */
export type Measures = ReadonlyMap<string, (outcomes: readonly Outcome[]) => Evidence>;

/**
 * A metric of a cell, with its interval.
 * @throws GauntletError `metric-broken` if the metric gives what is no evidence, or what the metric itself throws.
 */
export function computeMetric(
  measures: Measures,
  name: string,
  outcomes: readonly Outcome[],
  confidence = 0.95,
  intervalOfRate: RateInterval = wilson,
): Metric {
  const evidence = evidenceOf(measures, name, outcomes);
  if ('rate' in evidence) return rate(name, evidence.rate, confidence, intervalOfRate);
  if ('samples' in evidence) return statistic(name, evidence, confidence);
  return average(name, evidence, confidence);
}

/** Its value and the samples that it rests on, without the interval, which costs a thousand times as much. */
export function computePoint(
  measures: Measures,
  name: string,
  outcomes: readonly Outcome[],
): Pick<Metric, 'value' | 'n'> {
  const evidence = evidenceOf(measures, name, outcomes);
  if ('rate' in evidence) return rate(name, evidence.rate, 0.95, wilson);
  if ('samples' in evidence) return point(name, evidence);
  return point(name, { samples: evidence.values, statistic: centreOf(evidence) });
}

function evidenceOf(measures: Measures, name: string, outcomes: readonly Outcome[]): Evidence {
  const measure = measures.get(name);
  if (!measure) throw new GauntletError('metric-broken', `This run has no metric "${name}".`);
  const evidence = measure(outcomes);
  if ('rate' in evidence || 'samples' in evidence || Array.isArray(evidence.values)) return evidence;
  throw new GauntletError('metric-broken', `The metric ${name} gave neither rate, values nor samples.`);
}

/** Interval of a rate of k in n. */
export type RateInterval = (k: number, n: number, confidence: number) => Interval;

function rate(
  name: string,
  [k, n]: readonly [number, number],
  confidence: number,
  intervalOf: RateInterval,
): Metric {
  if (!Number.isSafeInteger(k) || !Number.isSafeInteger(n) || k < 0 || k > n)
    throw new GauntletError('metric-broken', `The metric ${name} gave ${k} successes in ${n} trials.`);
  return n === 0 ? { n } : { value: k / n, n, interval: intervalOf(k, n, confidence) };
}

type Samples = Extract<Evidence, { samples: unknown }>;

function statistic(name: string, evidence: Samples, confidence: number): Metric {
  const { value, n } = point(name, evidence);
  if (n < 2) return { value, n };
  const of = evidence.statistic as (samples: readonly unknown[]) => number;
  return { value, n, interval: bootstrap(evidence.samples, of, confidence) };
}

function point(name: string, { samples, statistic: of }: Samples): Pick<Metric, 'value' | 'n'> {
  const n = samples.length;
  if (n === 0) return { n };
  return { value: finite(name, (of as (samples: readonly unknown[]) => number)(samples)), n };
}

type Values = Extract<Evidence, { values: unknown }>;

const median = (values: readonly number[]): number => quantile(Float64Array.from(values).sort(), 0.5);

const centreOf = ({ centre }: Values) => (centre === 'median' ? median : mean);

function average(name: string, evidence: Values, confidence: number): Metric {
  const { values } = evidence;
  const n = values.length;
  if (n === 0) return { n };
  values.forEach((value) => finite(name, value));
  const value = centreOf(evidence)(values);
  if (n === 1) return { value, n };
  const centre = mean(values);
  const sorted = Float64Array.from(values).sort();
  return {
    value,
    n,
    interval:
      evidence.centre === 'median' ? bootstrap(values, median, confidence) : meanInterval(values, confidence),
    std: Math.sqrt(values.reduce((sum, one) => sum + (one - centre) ** 2, 0) / (n - 1)),
    quantiles: {
      p05: quantile(sorted, 0.05),
      p25: quantile(sorted, 0.25),
      p50: quantile(sorted, 0.5),
      p75: quantile(sorted, 0.75),
      p95: quantile(sorted, 0.95),
    },
  };
}

function finite(name: string, value: number): number {
  if (Number.isFinite(value)) return value;
  throw new GauntletError('metric-broken', `The metric ${name} gave ${String(value)} as a number.`);
}

/** All metrics that have evidence. One that cannot be measured is left out; an expectation of it says why. */
export function computeMetrics(measures: Measures, outcomes: readonly Outcome[]): Metrics {
  const found = [...measures.keys()].flatMap((name): [string, Metric][] => {
    try {
      const metric = computeMetric(measures, name, outcomes);
      return metric.n > 0 ? [[name, metric]] : [];
    } catch {
      return [];
    }
  });
  return Object.fromEntries(found);
}
