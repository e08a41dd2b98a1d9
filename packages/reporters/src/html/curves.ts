import type { CellReport, Metric, Report } from '@gauntlet/api';
import { robustnessCurve, successCurve, type SuccessPoint } from '@gauntlet/core';
import type { Point, Series } from './plots/lines.js';

/** The swept cells of one victim over one parameter. */
export interface Sweep {
  victim: string;
  param: string;
  attacks: { name: string; cells: CellReport[] }[];
}

export function sweepsOf({ cells }: Report): Sweep[] {
  const sweeps: Sweep[] = [];
  for (const cell of cells) {
    if (!cell.sweep) continue;
    const { of, param } = cell.sweep;
    let sweep = sweeps.find((one) => one.victim === cell.victim && one.param === param);
    if (!sweep) sweeps.push((sweep = { victim: cell.victim, param, attacks: [] }));
    let attack = sweep.attacks.find(({ name }) => name === of);
    if (!attack) sweep.attacks.push((attack = { name: of, cells: [] }));
    attack.cells.push(cell);
  }
  return sweeps;
}

/** A metric along a sweep; values without evidence are left out. */
export function seriesOf({ attacks }: Sweep, metric: 'asr' | 'mi'): Series[] {
  return attacks
    .map(({ name, cells }) => ({
      name,
      points: cells.flatMap(({ sweep, metrics }) => point(sweep!.value, metrics[metric])),
    }))
    .filter(({ points }) => points.length > 0);
}

const point = (x: number, metric: Metric | undefined): Point[] =>
  metric?.value === undefined ? [] : [{ x, y: metric.value, interval: metric.interval }];

/** ASR by gradient evaluations spent on each sample, of the last point of each attack's sweep. */
export function successSeries({ attacks }: Sweep): Series[] {
  return attacks
    .map(({ name, cells }) => ({ name, points: costPoints(successCurve(cells.at(-1)!, 'gradients')) }))
    .filter(({ points }) => points.length > 1);
}

/** More would not be told apart on a plot, and each is in its table. */
const mostPoints = 60;

/** Of an attack that looks for the shortest perturbation; nothing of others. */
export function robustnessSeries(cell: CellReport): Series[] {
  const curve = robustnessCurve(cell);
  const every = Math.ceil(curve.length / mostPoints);
  const shown = curve.filter((_, i) => i % every === 0 || i === curve.length - 1);
  const points = shown.map(({ epsilon, robustAccuracy, interval }) => ({
    x: epsilon,
    y: robustAccuracy,
    interval,
  }));
  return points.length > 1 ? [{ name: cell.attack, points }] : [];
}

/** For a logarithmic axis it begins at 1: nothing succeeds before the first gradient. */
export const costPoints = (curve: readonly SuccessPoint[]): Point[] =>
  curve.map(({ spent, asr, interval }) => ({ x: Math.max(1, spent), y: asr, interval }));
