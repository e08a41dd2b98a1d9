import type { Budget } from '@gauntlet/api';

/**
 * How many runs a budget per sample is for, and of how many steps each: a run of k steps takes k gradients, and one more
 * forward pass to look at where the last step led.
 */
export function runsWithin(
  runs: number,
  { gradients = Infinity, forwards = Infinity }: Budget,
  beside = 0,
): { runs: number; steps: number } {
  const steps = (runs: number) => Math.floor(Math.min(gradients / runs, (forwards - beside) / runs - 1));
  return steps(runs) >= 1 ? { runs, steps: steps(runs) } : { runs: 1, steps: Math.max(1, steps(1)) };
}
