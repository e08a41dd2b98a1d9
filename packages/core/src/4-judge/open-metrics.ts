import type { MetricPlugin, Outcome } from '@gauntlet/api';
import type { MetricEntry } from '../1-spec/spec.js';
import { loadPlugin } from '../plugins/load-plugin.js';
import type { Measures } from './metrics.js';
import standard from './standard-metrics.js';

const bind = (plugin: MetricPlugin, params: unknown) => (outcomes: readonly Outcome[]) =>
  plugin.measure(outcomes, params);

/** The metrics that come with Gauntlet. */
export const standardMeasures: Measures = new Map(standard.map((metric) => [metric.name, bind(metric, {})]));

/** The metrics of a spec, loaded and bound to their options. */
export async function openMetrics(entries: readonly MetricEntry[]): Promise<Measures> {
  const loaded = entries.map(async ({ name, plugin: reference, params }) => {
    return [name, bind(await loadPlugin('metric', reference), params)] as const;
  });
  return new Map(await Promise.all(loaded));
}
