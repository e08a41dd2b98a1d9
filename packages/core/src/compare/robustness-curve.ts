import { type CellReport, type Interval, wasRight } from '@gauntlet/api';
import { wilson } from '../4-judge/statistics/intervals.js';

/** Share of the samples that are classified correctly up to perturbations of a length. */
export interface RobustnessPoint {
  epsilon: number;
  robustAccuracy: number;
  /** Wilson, 95 %. */
  interval: Interval;
}

/**
 * Robust accuracy at every epsilon, from one run of an attack that looks for the shortest perturbation: a point for each
 * length at which some sample breaks, and one for 0. Nothing for other attacks. A sample that held counts as correct, since no
 * perturbation of it is known.
 */
export function robustnessCurve({ outcomes }: CellReport): RobustnessPoint[] {
  const judged = outcomes.filter((one) => one.status !== 'unassessed' && wasRight(one) !== undefined);
  const lengths = judged.flatMap(({ minimalNorm }) => minimalNorm ?? []).sort((a, b) => a - b);
  if (lengths.length === 0) return [];
  const [n, right] = [judged.length, judged.filter(wasRight).length];
  const at = (epsilon: number, broken: number): RobustnessPoint => ({
    epsilon,
    robustAccuracy: (right - broken) / n,
    interval: wilson(right - broken, n, 0.95),
  });
  const points = lengths.flatMap((length, i) => (lengths[i + 1] === length ? [] : [at(length, i + 1)]));
  return [at(0, 0), ...points];
}
