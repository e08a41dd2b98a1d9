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
import type { Progress } from '../2-plan/open-cells.js';
import type { ProbeResult } from '../3-worker/task.js';
import { packageVersion } from '../versions.js';
import { isRandomised } from '../victims/is-randomised.js';
import type { VictimConfig, VictimInfo } from '../victims/open-victim.js';
import { computeMetrics, type Measures } from './metrics.js';
import { judgeCell, judgeTogether } from './judge-cell.js';
import { measureExpectation } from './verdict.js';
import { judgeWorstCase } from './worst-case.js';

/** Outcomes in dataset order → findings → metrics → verdicts. What has no outcome is unassessed. Other cells are not looked at yet. */
export function reportCell(
  measures: Measures,
  { id, victim, attack }: Cell,
  key: string,
  indices: readonly number[],
  found: ReadonlyMap<number, Outcome>,
  {
    estimator,
    traces,
    otherEngines,
    decidedAfter,
    examples,
    keepsExamples,
  }: Pick<Progress, 'estimator' | 'traces' | 'otherEngines' | 'decidedAfter' | 'examples' | 'keepsExamples'>,
  { maxUnassessed, strict }: Pick<Spec, 'maxUnassessed' | 'strict'>,
  { examination, ...info }: VictimInfo & Pick<ProbeResult, 'examination'>,
): CellReport {
  const missing =
    decidedAfter === undefined ? 'the run ended before it' : 'what is expected was decided before it';
  const outcomes = indices.map((index) => found.get(index) ?? unassessed(index, missing));
  const cell = {
    id,
    key,
    victim: victim.name,
    attack: attack.name,
    use: attack.use,
    version: attack.version,
    params: attack.params,
    threat: attack.threat,
    usesGradients: attack.usesGradients,
    criterion: attack.criterion?.use,
    sweep: attack.sweep,
    ...((examples || keepsExamples) && {
      examples: {
        ...(keepsExamples && { kept: outcomes.filter(({ status }) => status === 'broken').length }),
        ...(examples && { tried: { baseline: examples.baseline, sha256: examples.sha256 } }),
      },
    }),
    ...(decidedAfter !== undefined && {
      early: { samples: decidedAfter, saved: indices.length - decidedAfter },
    }),
    outcomes,
  };
  const measured = attack.expectations.map((one) => measureExpectation(measures, one, outcomes));
  const { kind, bounds, eot, repeats } = victim;
  const about = { ...info, kind, bounds, eot, repeats, examination };
  return {
    ...cell,
    estimator,
    ...judgeCell(cell, measured, { victim: about, siblings: [], maxUnassessed, strict }),
    metrics: computeMetrics(measures, outcomes),
    budget: attack.budget,
    ...(otherEngines.size > 0 && { otherEngines: [...otherEngines].sort() }),
    ...(traces.length > 0 && { traces: inOrder(traces, indices) }),
  };
}

/** The whole run: its cells, and what they were about. */
export function reportRun(
  spec: Spec,
  probes: ReadonlyMap<string, ProbeResult>,
  alone: CellReport[],
  { interrupted, shard, leftOut, execution }: Pick<Report, 'interrupted' | 'shard' | 'leftOut' | 'execution'>,
): Report {
  const [{ dataset, yardstick }] = probes.values();
  const { imageShape, classNames, hash, indices } = dataset;
  const victims = spec.victims
    .filter(({ name }) => probes.has(name))
    .map((victim) => reportVictim(victim, probes.get(victim.name)!, path.dirname(spec.file)));
  const cells = judgeTogether(alone, victims, spec);
  // What was not asked for is not missing; what another shard does is.
  const asked = shard?.cells ?? cells.map(({ id }) => id);
  const worstCases = spec.worstCases
    .filter(({ cells: ids }) => ids.some((id) => asked.includes(id)))
    .map((one) => judgeWorstCase(one, cells, victims, spec));
  return {
    format: 'gauntlet-report',
    version: 1,
    gauntlet: packageVersion,
    spec: path.basename(spec.file),
    seed: spec.seed,
    verdict: worst([...cells, ...worstCases].map(({ verdict }) => verdict)),
    interrupted,
    maxUnassessed: spec.maxUnassessed,
    strict: spec.strict,
    shard,
    leftOut,
    yardstick,
    dataset: { name: spec.datasetName, n: indices.length, imageShape, classNames, hash },
    victims,
    cells,
    ...(worstCases.length > 0 && { worstCases }),
    execution,
  };
}

/** Reports are shown to others: where a model lies is said from the spec's folder on. */
function reportVictim(
  config: VictimConfig,
  { victim: info, examination }: ProbeResult,
  folder: string,
): VictimReport {
  const { bytesPerSample: _, ...seen } = info;
  const { name, kind, bounds, source, eot, repeats } = config;
  const model = source ? config.model : path.relative(folder, config.model).split(path.sep).join('/');
  return {
    name,
    kind,
    model,
    bounds,
    ...seen,
    ...(eot !== undefined && { eot }),
    ...(repeats && { repeats }),
    notes: [...seen.notes, ...(isRandomised(examination) ? notesOfDraws(config) : [])],
    examination,
  };
}

function notesOfDraws({ eot, repeats }: VictimConfig): string[] {
  const parts = [
    repeats && `broken means in at least ${100 * repeats.share} % of ${repeats.draws} draws`,
    eot && `attacks see the mean of ${eot} passes`,
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? [`The victim says something else each time: ${parts.join('; ')}.`] : [];
}

/** Chunks are done in any order. */
const inOrder = (traces: readonly Trace[], indices: readonly number[]) =>
  [...traces].sort((a, b) => indices.indexOf(a.index) - indices.indexOf(b.index));
