import type { Metric, MetricName, Metrics, Outcome } from '@gauntlet/api';
import { bootstrap, mean, quantile, wilson } from './intervals.js';

/** A metric before its interval is taken: successes among trials, or a list of numbers. */
type Evidence =
  | { rate: [k: number, n: number] }
  | { values: number[] }
  /** Means relative to means: Σ now / Σ before − 1. */
  | { change: [before: number, now: number][] };

const evidence: Record<MetricName, (outcomes: readonly Outcome[]) => Evidence> = {
  cleanAccuracy: (all) => {
    const judged = all.filter((one) => one.cleanPrediction !== undefined && one.label !== undefined);
    return share(judged, (one) => one.cleanPrediction === one.label);
  },
  robustAccuracy: (all) => {
    const judged = all.filter(
      (one) => one.status !== 'unassessed' && one.label !== undefined && one.cleanPrediction !== undefined,
    );
    return share(
      judged,
      (one) => one.cleanPrediction === one.label && (one.prediction ?? one.cleanPrediction) === one.label,
    );
  },
  asr: (all) => share(attacked(all), (one) => one.status === 'broken'),
  asrRounded: (all) => share(attacked(all), (one) => one.brokenRounded === true),
  cleanReconstructionError: (all) => numbers(attacked(all), (one) => one.cleanReconstructionError),
  reconstructionError: (all) => numbers(attacked(all), (one) => one.reconstructionError),
  reconstructionDegradation: (all) => ({
    change: attacked(all).flatMap(({ cleanReconstructionError: before, reconstructionError: now }) =>
      before === undefined || now === undefined ? [] : [[before, now] as [number, number]],
    ),
  }),
  mi: (all) => overBroken(all, (one) => one.mi),
  'mi.relative': (all) =>
    overBroken(all, (one) => (one.mi === undefined || !one.miSelf ? undefined : one.mi / one.miSelf)),
  'mi.own': (all) => overBroken(all, (one) => one.miOwn),
  linf: (all) => overBroken(all, (one) => one.linf),
  l2: (all) => overBroken(all, (one) => one.l2),
  l1: (all) => overBroken(all, (one) => one.l1),
  l0: (all) => overBroken(all, (one) => one.l0),
  confidence: (all) => overBroken(all, (one) => one.confidence),
  forwards: (all) => numbers(attacked(all), (one) => one.forwards),
  gradients: (all) => numbers(attacked(all), (one) => one.gradients),
  seconds: (all) => numbers(attacked(all), (one) => one.seconds),
};

const attacked = (all: readonly Outcome[]) =>
  all.filter(({ status }) => status === 'broken' || status === 'held');

const share = (some: readonly Outcome[], yes: (one: Outcome) => boolean): Evidence => ({
  rate: [some.filter(yes).length, some.length],
});

const numbers = (some: readonly Outcome[], pick: (one: Outcome) => number | undefined): Evidence => ({
  values: some.map(pick).filter((value) => value !== undefined),
});

const overBroken = (all: readonly Outcome[], pick: (one: Outcome) => number | undefined): Evidence =>
  numbers(
    all.filter(({ status }) => status === 'broken'),
    pick,
  );

function relativeChange(pairs: readonly [before: number, now: number][]): number {
  let [before, now] = [0, 0];
  for (const pair of pairs) {
    before += pair[0];
    now += pair[1];
  }
  return now / before - 1;
}

export function computeMetric(name: MetricName, outcomes: readonly Outcome[], confidence = 0.95): Metric {
  const found = evidence[name](outcomes);
  if ('rate' in found) {
    const [k, n] = found.rate;
    return n === 0 ? { n } : { value: k / n, n, interval: wilson(k, n, confidence) };
  }
  if ('change' in found) {
    const { change } = found;
    const n = change.length;
    if (n === 0) return { n };
    const value = relativeChange(change);
    return n === 1 ? { value, n } : { value, n, interval: bootstrap(change, relativeChange, confidence) };
  }
  const { values } = found;
  const n = values.length;
  if (n === 0) return { n };
  const value = mean(values);
  if (n === 1) return { value, n };
  const sorted = Float64Array.from(values).sort();
  return {
    value,
    n,
    interval: bootstrap(values, mean, confidence),
    std: Math.sqrt(values.reduce((sum, one) => sum + (one - value) ** 2, 0) / (n - 1)),
    quantiles: {
      p05: quantile(sorted, 0.05),
      p25: quantile(sorted, 0.25),
      p50: quantile(sorted, 0.5),
      p75: quantile(sorted, 0.75),
      p95: quantile(sorted, 0.95),
    },
  };
}

/** All metrics that have evidence. */
export function computeMetrics(outcomes: readonly Outcome[]): Partial<Metrics> {
  const names = Object.keys(evidence) as MetricName[];
  return Object.fromEntries(
    names.map((name) => [name, computeMetric(name, outcomes)] as const).filter(([, metric]) => metric.n > 0),
  );
}
