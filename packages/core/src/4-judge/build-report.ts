import path from 'node:path';
import {
  type CellReport,
  type Outcome,
  type Report,
  type Trace,
  unassessed,
  type VictimReport,
  worst,
} from '@gauntlet/api';
import type { Spec } from '../1-spec/spec.js';
import type { Cell } from '../2-plan/cells.js';
import type { ProbeResult } from '../3-worker/task.js';
import type { Finished } from '../store/journal.js';
import { packageVersion } from '../versions.js';
import type { VictimConfig, VictimInfo } from '../victims/open-victim.js';
import { computeMetrics, type Measures } from './metrics.js';
import { checkSoundness } from './soundness.js';
import { cellVerdict, judgeExpectation } from './verdict.js';

/** Outcomes in dataset order → findings → metrics → verdicts. What has no outcome is unassessed. */
export function reportCell(
  measures: Measures,
  { id, victim, attack }: Cell,
  key: string,
  indices: readonly number[],
  found: ReadonlyMap<number, Outcome>,
  { estimator, traces }: Pick<Finished, 'estimator' | 'traces'>,
  maxUnassessed: number,
): CellReport {
  const outcomes = indices.map((index) => found.get(index) ?? unassessed(index, 'the run ended before it'));
  const findings = checkSoundness(outcomes, maxUnassessed, attack.threat);
  const expectations = attack.expectations.map((expectation) =>
    judgeExpectation(measures, expectation, outcomes, findings),
  );
  return {
    id,
    key,
    victim: victim.name,
    attack: attack.name,
    use: attack.use,
    version: attack.version,
    params: attack.params,
    threat: attack.threat,
    criterion: attack.criterion?.use,
    estimator,
    verdict: cellVerdict(expectations, findings),
    findings,
    expectations,
    metrics: computeMetrics(measures, outcomes),
    sweep: attack.sweep,
    budget: attack.budget,
    ...(traces && traces.length > 0 && { traces: inOrder(traces, indices) }),
    outcomes,
  };
}

/** The whole run: its cells, and what they were about. */
export function reportRun(
  spec: Spec,
  probes: ReadonlyMap<string, ProbeResult>,
  cells: CellReport[],
  { interrupted, shard, execution }: Pick<Report, 'interrupted' | 'shard' | 'execution'>,
): Report {
  const [{ dataset, yardstick }] = probes.values();
  const { imageShape, classNames, hash, indices } = dataset;
  return {
    format: 'gauntlet-report',
    version: 1,
    gauntlet: packageVersion,
    spec: path.basename(spec.file),
    seed: spec.seed,
    verdict: worst(cells.map(({ verdict }) => verdict)),
    interrupted,
    maxUnassessed: spec.maxUnassessed,
    shard,
    yardstick,
    dataset: { name: spec.datasetName, n: indices.length, imageShape, classNames, hash },
    victims: spec.victims
      .filter(({ name }) => probes.has(name))
      .map((victim) => reportVictim(victim, probes.get(victim.name)!.victim, path.dirname(spec.file))),
    cells,
    execution,
  };
}

/** Reports are shown to others: where a model lies is said from the spec's folder on. */
function reportVictim(config: VictimConfig, info: VictimInfo, folder: string): VictimReport {
  const { engine, inputShape, classes, outputScale, featureSource, hash, gradients, notes } = info;
  const { name, kind, bounds, source } = config;
  const model = source ? config.model : path.relative(folder, config.model).split(path.sep).join('/');
  return {
    name,
    kind,
    model,
    engine,
    inputShape,
    bounds,
    classes,
    outputScale,
    featureSource,
    hash,
    gradients,
    notes,
  };
}

/** Chunks are done in any order. */
const inOrder = (traces: readonly Trace[], indices: readonly number[]) =>
  [...traces].sort((a, b) => indices.indexOf(a.index) - indices.indexOf(b.index));
