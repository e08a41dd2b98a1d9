/**
 * McNemar's exact test for paired outcomes: the two-sided probability that chance alone splits the pairs that differ as
 * unevenly as `onlyFirst` against `onlySecond`. 1 where no pair differs. McNemar 1947; exact binomial form.
 */
export function mcnemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  return Math.min(1, 2 * binomialTail(Math.max(onlyFirst, onlySecond), n));
}

/** The same one-sided: the probability that chance alone gives at least `worse` of the pairs that differ. */
export const mcnemarOneSided = (worse: number, better: number): number => binomialTail(worse, worse + better);

/** P(X ≥ k) for X ~ Binomial(n, ½), summed in logarithms so that large n does not underflow. */
function binomialTail(k: number, n: number): number {
  let logTerm = -n * Math.LN2;
  let sum = 0;
  for (let i = 0; i <= n; i++) {
    if (i >= k) sum += Math.exp(logTerm);
    logTerm += Math.log(n - i) - Math.log(i + 1);
  }
  return Math.min(1, sum);
}

/** Holm's correction of several p-values, in their order. Holm 1979. */
export function holm(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  const adjusted = new Array<number>(values.length);
  let largest = 0;
  order.forEach((at, rank) => {
    largest = Math.max(largest, Math.min(1, values[at] * (values.length - rank)));
    adjusted[at] = largest;
  });
  return adjusted;
}
