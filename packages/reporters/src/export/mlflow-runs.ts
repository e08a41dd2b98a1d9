import { createHash } from 'node:crypto';
import type { Report, VictimReport } from '@gauntlet/api';
import { headlinesOf } from '../evidence.js';
import { plain, xmlText } from '../text.js';
import { evidenceOnly, taxaOf } from './taxonomies.js';

/** What MLflow calls a run: here one victim in one run of a spec. */
export interface MlflowRun {
  /** 32 hexadecimal digits, the same whenever this report is written again. */
  id: string;
  name: string;
  /** Of all runs of a spec. */
  experiment: string;
  /** Milliseconds since 1970. */
  start: number;
  end: number;
  interrupted: boolean;
  params: Map<string, string>;
  metrics: Map<string, number>;
  tags: Map<string, string>;
}

/** Longest value of a parameter that every store of MLflow takes. */
const longestValue = 500;

export function mlflowRuns(report: Report): MlflowRun[] {
  const start = Date.parse(report.execution.startedAt);
  return report.victims.map((victim) => ({
    id: createHash('sha256')
      .update(`${report.execution.startedAt} ${report.spec} ${victim.name}`)
      .digest('hex')
      .slice(0, 32),
    name: word(victim.name, 100),
    experiment: `gauntlet ${word(report.spec, 100)}`,
    start,
    end: start + Math.round(1000 * report.execution.seconds),
    interrupted: report.interrupted,
    params: paramsOf(report, victim),
    metrics: metricsOf(report, victim),
    tags: tagsOf(report, victim),
  }));
}

const word = (text: string, longest = longestValue) => xmlText(plain(text, longest));

function paramsOf({ seed, dataset, gauntlet, cells }: Report, victim: VictimReport): Map<string, string> {
  const { kind, model, hash, engine } = victim;
  const params = new Map(
    Object.entries({
      kind,
      model,
      modelHash: hash,
      engine,
      dataset: dataset.name,
      datasetHash: dataset.hash,
      samples: String(dataset.n),
      seed: String(seed),
      gauntlet,
    }).map(([key, value]) => [key, word(value)]),
  );
  for (const cell of cells.filter((one) => one.victim === victim.name))
    for (const [name, value] of Object.entries(cell.params))
      if (value !== undefined) params.set(keyOf(params, cell.attack, name), word(JSON.stringify(value)));
  return params;
}

function metricsOf(report: Report, victim: VictimReport): Map<string, number> {
  const metrics = new Map<string, number>();
  const worst = victim.kind === 'classifier' ? 'worstRobustAccuracy' : 'worstAsr';
  for (const { threat, value, found } of headlinesOf(report, victim))
    if (found !== 'inconclusive') metrics.set(keyOf(metrics, worst, threat.replaceAll('≤ ', '')), value);
  for (const cell of report.cells.filter((one) => one.victim === victim.name))
    for (const [name, metric] of Object.entries(cell.metrics))
      if (Number.isFinite(metric?.value)) metrics.set(keyOf(metrics, cell.attack, name), metric!.value!);
  return metrics;
}

function tagsOf(report: Report, victim: VictimReport): Map<string, string> {
  const cells = report.cells.filter((one) => one.victim === victim.name);
  const taxa = new Set(cells.flatMap((cell) => taxaOf(cell, victim)));
  return new Map([
    ['mlflow.runName', word(victim.name, 100)],
    ['mlflow.source.name', 'gauntlet'],
    ['mlflow.source.type', 'JOB'],
    ['gauntlet.verdict', report.verdict],
    ['gauntlet.evidence', `${[...taxa].join(', ')}. ${evidenceOnly}`],
  ]);
}

/** `attack/name` in the letters that MLflow takes, which are a path in its file store; another one where it is taken. */
function keyOf(taken: ReadonlyMap<string, unknown>, attack: string, name: string): string {
  const letters = (text: string) =>
    text
      .slice(0, 100)
      .replace(/[^\w.\- ]/g, '_')
      .replace(/^[. ]|[. ]$/g, '_') || '_';
  // What is one path's folder cannot be another one's file.
  const first = taken.has(letters(attack)) ? `${letters(attack)}_` : letters(attack);
  const key = `${first}/${letters(name)}`;
  for (let i = 1; ; i++) {
    const one = i === 1 ? key : `${key} ${i}`;
    if (!taken.has(one)) return one;
  }
}
