import type { MetricName } from './metric-names.js';

export type Interval = [low: number, high: number];

/** A number over outcomes. Never without the count it rests on. */
export interface Metric {
  /** Absent if no sample says anything about it. */
  value?: number;
  n: number;
  /** 95 %: Wilson for rates, bootstrap for means. Absent for means of fewer than two samples. */
  interval?: Interval;
  std?: number;
  quantiles?: { p05: number; p25: number; p50: number; p75: number; p95: number };
}

export type Metrics = Record<MetricName, Metric>;
