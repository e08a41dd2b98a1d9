import type { CellReport, Interval } from '@gauntlet/api';
import { wilson } from '../4-judge/statistics/intervals.js';

/** Share of the attacked samples that were seen broken by the time so much had been spent on each. */
export interface SuccessPoint {
  spent: number;
  asr: number;
  /** Wilson, 95 %. */
  interval: Interval;
}

/**
 * Time to success of an attack: a point for each cost (gradient evaluations or forward passes per sample) at which some
 * sample was first seen broken inside the threat model, and one for all that was spent.
 */
export function successCurve({ outcomes }: CellReport, cost: 'gradients' | 'forwards'): SuccessPoint[] {
  const attacked = outcomes.filter(({ status }) => status === 'broken' || status === 'held');
  const n = attacked.length;
  if (n === 0) return [];
  const costs = attacked
    .map((one) => one[`${cost}ToSuccess`])
    .filter((value) => value !== undefined)
    .sort((a, b) => a - b);
  const at = (spent: number, k: number): SuccessPoint => ({
    spent,
    asr: k / n,
    interval: wilson(k, n, 0.95),
  });
  const points = costs.flatMap((spent, i) => (costs[i + 1] === spent ? [] : [at(spent, i + 1)]));
  if (points[0]?.spent !== 0) points.unshift(at(0, 0));
  const last = Math.max(...attacked.map((one) => one[cost] ?? 0));
  if (points[points.length - 1].spent < last) points.push(at(last, costs.length));
  return points;
}
