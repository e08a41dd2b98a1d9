import type { Spec } from '../1-spec/spec.js';
import type { Setting } from '../3-worker/task.js';
import type { Cell } from './cells.js';

/** What a worker has to open for a cell. */
export function settingOf({ dataset, seed, estimator }: Spec, { victim }: Pick<Cell, 'victim'>): Setting {
  return {
    victim,
    dataset,
    seed,
    estimator: estimator && { plugin: estimator.plugin, params: estimator.params },
  };
}
