import { classifiedAs, misclassified } from '@gauntlet/core';

/** The classes of a whole batch: true ones, and those to aim at if there are any. */
export interface Classes {
  labels: Int32Array;
  targets?: Int32Array;
}

/** Those of some rows. */
export function classesOf({ labels, targets }: Classes, rows: readonly number[]): Classes {
  const pick = (from: Int32Array) => Int32Array.from(rows, (row) => from[row]);
  return { labels: pick(labels), targets: targets && pick(targets) };
}

/** The criterion f ≤ 0: misclassified, or classified as the target, by a margin of κ logits. */
export function goalOf({ labels, targets }: Classes, kappa = 0) {
  return targets ? classifiedAs(targets, kappa) : misclassified(labels, kappa);
}
