import type { Interval } from '@gauntlet/api';

/** ln i! for i = 0, 1, …, as far as it was asked for. */
const logFactorials = [0];

function logFactorial(n: number): number {
  for (let i = logFactorials.length; i <= n; i++) logFactorials.push(logFactorials[i - 1] + Math.log(i));
  return logFactorials[n];
}

/**
 * ln of the wealth of a gambler who starts with 1 and bets on k successes in n trials against a success probability of p, all
 * bets on other probabilities mixed evenly: ∫ qᵏ(1 − q)ⁿ⁻ᵏ dq / pᵏ(1 − p)ⁿ⁻ᵏ. If p is right, the game is fair.
 */
function logWealth(k: number, n: number, p: number): number {
  const likelihood = (count: number, of: number) => (count === 0 ? 0 : count * Math.log(of));
  const mixture = logFactorial(k) + logFactorial(n - k) - logFactorial(n + 1);
  return mixture - likelihood(k, p) - likelihood(n - k, 1 - p);
}

/**
 * Interval of a confidence sequence for a rate: the true rate is in the intervals after 1, 2, 3, … trials, all of them, with this
 * confidence, so that one may look after each and stop whenever one likes. Left out are rates against which a gambler is rich:
 * a fair game makes 1/α of 1 with a probability of at most α, ever (Ville 1939; the mixture: Robbins 1970; confidence sequences
 * as games: Waudby-Smith & Ramdas 2023, theorem 1). Of a rate it needs k and n alone, whatever their order was.
 */
export function anytime(k: number, n: number, confidence: number): Interval {
  const rich = -Math.log(1 - confidence);
  /** Between a rate that is kept and one that is left out. */
  const edge = (kept: number, out: number): number => {
    for (let i = 0; i < 60; i++) {
      const middle = (kept + out) / 2;
      if (logWealth(k, n, middle) < rich) kept = middle;
      else out = middle;
    }
    return out;
  };
  const rate = n === 0 ? 0.5 : k / n;
  return [edge(rate, 0), edge(rate, 1)];
}
