/** ψ(n) of a whole number n ≥ 1: 1 + 1/2 + … + 1/(n − 1) − γ. Abramowitz and Stegun 6.3.2. */
export function digamma(n: number): number {
  for (let next = sums.length; next <= n; next++) sums.push(sums[next - 1] + 1 / (next - 1));
  return sums[n];
}

const eulersConstant = 0.5772156649015329;
/** ψ at 0 (which nothing asks for), 1, 2, … as far as they were asked for. */
const sums = [NaN, -eulersConstant];
