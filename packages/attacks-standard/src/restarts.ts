import type { BatchRandom, BestSoFar } from '@gauntlet/api';

interface Restarts {
  /** Runs. */
  restarts: number;
  random: BatchRandom;
  best: BestSoFar;
  /** Broken samples go on, too. */
  keepImproving?: boolean;
}

/** Runs with another random start each, of the samples that hold; the first run is the one that there is without restarts. */
export async function withRestarts(
  { restarts, random, best, keepImproving = false }: Restarts,
  run: (rows: number[], random: BatchRandom) => Promise<void>,
): Promise<void> {
  for (let restart = 0; restart < restarts; restart++) {
    const rows = [...best.success.keys()].filter((row) => keepImproving || !best.success[row]);
    if (rows.length === 0) return;
    await run(rows, random.part(`restart-${restart}`));
  }
}
