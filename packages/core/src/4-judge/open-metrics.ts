import type { Outcome } from '@gauntlet/api';
import type { MetricEntry } from '../1-spec/spec.js';
import { loadPlugin } from '../plugins/load-plugin.js';
import type { Measures } from './metrics.js';

/** The metrics of a spec, loaded and bound to their options. */
export async function openMetrics(entries: readonly MetricEntry[]): Promise<Measures> {
  const loaded = entries.map(async ({ name, plugin: reference, params }) => {
    const plugin = await loadPlugin('metric', reference);
    return [name, (outcomes: readonly Outcome[]) => plugin.measure(outcomes, params)] as const;
  });
  return new Map(await Promise.all(loaded));
}
