import type { Attack } from './attack.js';
import type { CriterionPlugin } from './criterion.js';
import type { DatasetPlugin } from './dataset.js';
import type { EnginePlugin } from './engine.js';
import type { EstimatorPlugin } from './estimator.js';
import type { MetricPlugin } from './metric.js';
import type { ReporterPlugin } from './reporter.js';
import type { VictimPlugin } from './victim.js';

/** Every kind of plugin and its interface. A new kind is one line here, and the compiler finds the rest. */
export interface PluginKinds {
  attack: Attack;
  criterion: CriterionPlugin;
  dataset: DatasetPlugin;
  victim: VictimPlugin;
  engine: EnginePlugin;
  estimator: EstimatorPlugin;
  metric: MetricPlugin;
  reporter: ReporterPlugin;
}

export type PluginKind = keyof PluginKinds;
export type Plugin = PluginKinds[PluginKind];

/** For each kind the function that a plugin of it must have. */
export const pluginFunctions = {
  attack: 'perturb',
  criterion: 'open',
  dataset: 'load',
  victim: 'open',
  engine: 'start',
  estimator: 'open',
  metric: 'measure',
  reporter: 'open',
} as const satisfies { [K in PluginKind]: keyof PluginKinds[K] };

export const pluginKinds = Object.keys(pluginFunctions) as PluginKind[];
