import type { BuiltIn } from '../plugins/resolve-plugin.js';
import { checkAgainst } from './check-params.js';
import type { Loading } from './load-attacks.js';
import type { MetricEntry, SpecInput } from './spec.js';

/** The metrics that come along, and those that a spec names beside them. */
export async function loadMetrics(
  given: SpecInput['metrics'],
  builtIn: BuiltIn,
  { find, complain }: Loading,
): Promise<MetricEntry[]> {
  const entries = [...(builtIn.metric ?? [])].map(([name, plugin]): MetricEntry => ({
    name,
    plugin,
    params: {},
  }));
  for (const [i, one] of (given ?? []).entries()) {
    const { use, params = {}, name } = typeof one === 'string' ? { use: one } : one;
    const where = ['metrics', i];
    const found = await find('metric', use, typeof one === 'string' ? where : [...where, 'use']);
    if (!found) continue;
    complain([...where, 'params'], checkAgainst(found.plugin.params, params));
    const entry = { name: name ?? found.plugin.name, plugin: found.reference, params };
    if (entry.name === '__proto__')
      complain(where, [
        { path: [], message: 'No metric can be called "__proto__". Give it another "name".' },
      ]);
    if (entries.some((other) => other.name === entry.name))
      complain(where, [
        {
          path: [],
          message: `There is a metric "${entry.name}" already. Give this one a "name" of its own.`,
        },
      ]);
    entries.push(entry);
  }
  return entries;
}
