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

/** Metrics that come with Gauntlet; `gauntlet list metrics` says what each is. */
export type MetricName =
  | 'cleanAccuracy'
  | 'robustAccuracy'
  | 'asr'
  | 'asrRounded'
  | 'cleanReconstructionError'
  | 'reconstructionError'
  | 'reconstructionDegradation'
  | 'embeddingDistance'
  | 'mi'
  | 'mi.relative'
  | 'mi.own'
  | 'ssim'
  | 'linf'
  | 'l2'
  | 'l1'
  | 'l0'
  | 'snr'
  | 'minimalNorm'
  | 'confidence'
  | 'cleanHammingLoss'
  | 'hammingLoss'
  | 'mCE'
  | 'mCE.alexnet'
  | 'corruptionAccuracy.severity1'
  | 'corruptionAccuracy.severity2'
  | 'corruptionAccuracy.severity3'
  | 'corruptionAccuracy.severity4'
  | 'corruptionAccuracy.severity5'
  | 'forwards'
  | 'gradients'
  | 'seconds';

/** By name; those of plugins have any other. */
export type Metrics = { [name in MetricName]?: Metric } & { [name: string]: Metric | undefined };
