import type { ParamsOf, ParamsSchema } from '../params.js';
import type { Outcome } from '../report/outcome.js';
import { asPlugin, type Contracted, type PluginDescription } from './contract.js';

/**
 * What outcomes say about a metric, before its value and interval are taken. Nothing found (n = 0, or an empty list) is
 * no evidence, and an expectation of it is inconclusive.
 */
export type Evidence =
  /** k successes in n trials: a share, with Wilson's interval. */
  | { rate: readonly [k: number, n: number] }
  /** One finite number per sample that says something: their mean, or median, with a bootstrap interval, and their quantiles. */
  | { values: readonly number[]; centre?: 'mean' | 'median' }
  /** Any statistic of samples, such as a median or a ratio of sums, with a bootstrap interval. */
  | { samples: readonly unknown[]; statistic: (samples: readonly never[]) => number };

export interface MetricDefinition<S extends ParamsSchema> extends PluginDescription<S> {
  /** Outcomes of one cell, in dataset order, as the referee judged them. Must be pure: the report may be made again. */
  measure(outcomes: readonly Outcome[], params: ParamsOf<S>): Evidence;
}

/** A metric as the runner handles it, whatever its options are. */
export interface MetricPlugin extends Contracted<'metric'>, PluginDescription {
  measure(outcomes: readonly Outcome[], params: unknown): Evidence;
}

/** Declares a metric; with `metrics: [./mine.js]` in a spec, attacks may be expected to keep it within limits. */
export function defineMetric<const S extends ParamsSchema>(definition: MetricDefinition<S>): MetricPlugin {
  return asPlugin('metric', definition) as unknown as MetricPlugin;
}
