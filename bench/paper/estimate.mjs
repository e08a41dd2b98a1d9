/** Processor seconds of a unit of work by rate, from the records of steps that are done. */
export function ratesOf(records) {
  const sums = new Map();
  for (const { cost, cpuSeconds } of records) {
    const sum = sums.get(cost.rate) ?? { seconds: 0, amount: 0 };
    sums.set(cost.rate, { seconds: sum.seconds + cpuSeconds, amount: sum.amount + cost.amount });
  }
  return new Map([...sums].map(([rate, { seconds, amount }]) => [rate, seconds / amount]));
}

/** Seconds that steps will take on a core of their own; those whose rate nobody has measured yet are counted apart. */
export function estimate(steps, rates) {
  const known = steps.filter(({ cost }) => rates.has(cost.rate));
  const seconds = known.reduce((sum, { cost }) => sum + cost.amount * rates.get(cost.rate), 0);
  return { seconds, unknown: steps.length - known.length };
}

/** A duration as people say it. */
export const inHours = (seconds) =>
  seconds < 60
    ? `${seconds.toFixed(0)} s`
    : seconds < 5400
      ? `${(seconds / 60).toFixed(0)} min`
      : `${(seconds / 3600).toFixed(1)} h`;
