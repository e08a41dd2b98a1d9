import type { Budget } from '@gauntlet/api';

interface Runs {
  /** At most. */
  runs: number;
  /** That a run should have: fewer runs are made where the budget is not enough for all. */
  steps: number;
  /** Forward passes besides. */
  beside?: number;
}

/**
 * How many runs a budget per sample is for, and of how many steps each: a run of k steps takes k gradients, and one more
 * forward pass to look at where the last step led.
 */
export function runsWithin(
  { runs, steps, beside = 0 }: Runs,
  { gradients = Infinity, forwards = Infinity }: Budget,
): { runs: number; steps: number } {
  const stepsOf = (runs: number) => Math.floor(Math.min(gradients / runs, (forwards - beside) / runs - 1));
  let fewer = runs;
  while (fewer > 1 && stepsOf(fewer) < steps) fewer--;
  return { runs: fewer, steps: Math.max(1, stepsOf(fewer)) };
}
