import type { BuiltIn } from '../plugins/resolve-plugin.js';
import { checkAgainst } from './check-params.js';
import type { Loading } from './load-attacks.js';
import type { EstimatorEntry, SpecInput } from './spec.js';

/** What measures mutual information where a spec names nothing. */
const standard = 'gaussian';

/** The estimator of a spec, or the standard one if it is there. */
export async function loadEstimator(
  given: SpecInput['estimator'],
  builtIn: BuiltIn,
  { find, complain }: Loading,
): Promise<EstimatorEntry | undefined> {
  if (given === undefined && !builtIn.estimator?.has(standard)) return undefined;
  const { use, params = {} } = typeof given === 'object' ? given : { use: given ?? standard };
  const where = typeof given === 'object' ? ['estimator', 'use'] : ['estimator'];
  const found = await find('estimator', use, where);
  if (!found) return undefined;
  complain(['estimator', 'params'], checkAgainst(found.plugin.params, params));
  return { use, plugin: found.reference, version: found.plugin.version, params };
}
