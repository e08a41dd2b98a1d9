export const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

/** Standard deviation of a sample; undefined for fewer than two values. */
export function deviation(values) {
  if (values.length < 2) return undefined;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (values.length - 1));
}

/** Quantiles of Student's t at 0.975, by degrees of freedom; beyond them the normal one is near enough. */
const quantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045,
];

/** n, mean, standard deviation and the 95 % interval of the mean, as far as there are values for them. */
export function describe(values) {
  const n = values.length;
  if (n === 0) return { n };
  return withInterval(n, mean(values), deviation(values));
}

/** What `describe` gives for the values behind several of its results. */
export function pool(parts) {
  const known = parts.filter((part) => part.n > 0);
  const n = known.reduce((sum, part) => sum + part.n, 0);
  if (n === 0) return { n };
  const centre = known.reduce((sum, part) => sum + part.n * part.mean, 0) / n;
  const squares = known.reduce(
    (sum, part) => sum + (part.n - 1) * (part.std ?? 0) ** 2 + part.n * (part.mean - centre) ** 2,
    0,
  );
  return withInterval(n, centre, n > 1 ? Math.sqrt(squares / (n - 1)) : undefined);
}

function withInterval(n, centre, std) {
  if (std === undefined) return { n, mean: centre };
  const half = ((quantiles[n - 2] ?? 1.96) * std) / Math.sqrt(n);
  return { n, mean: centre, std, interval: [centre - half, centre + half] };
}

/** k of n as a share with Wilson's 95 % interval. */
export function share(k, n) {
  if (n === 0) return { k, n };
  const z = 1.96;
  const p = k / n;
  const centre = (p + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2))) / (1 + z ** 2 / n);
  return { k, n, share: p, interval: [Math.max(0, centre - half), Math.min(1, centre + half)] };
}
