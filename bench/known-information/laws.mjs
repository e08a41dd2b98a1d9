// Draws from the laws of `tasks.json`, and points of a closed form. Both sides of a pair have the same dimension d.

/** Abramowitz and Stegun 7.1.26, to 1.5e-7: enough for a sampler, since mutual information keeps under any monotone map. */
function normalCdf(x) {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = 0.5 * series * Math.exp((-x * x) / 2);
  return x >= 0 ? 1 - tail : tail;
}

const each = (map) => (row) => row.map(map);
/** Turns the plane of coordinates (a, b) by speed · ‖x‖²; the speed is 1/d. */
const spiral = (a, b) => (row) => {
  const angle = row.reduce((sum, value) => sum + value * value, 0) / row.length;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const out = [...row];
  out[a] = c * row[a] - s * row[b];
  out[b] = s * row[a] + c * row[b];
  return out;
};
const same = (map) => [map, map];
const transforms = {
  uniform: same(each(normalCdf)),
  'half-cube': same(each((x) => x * Math.sqrt(Math.abs(x)))),
  asinh: same(each(Math.asinh)),
  spiral: [spiral(0, 1), spiral(1, 2)],
};

const laws = {
  /** Independent standard normal coordinates, the first `pairs` of which are correlated with their counterparts. */
  pairs({ dimension, rho, pairs }, stream) {
    const x = Array.from({ length: dimension }, () => stream.normal());
    const y = x.map((value, i) =>
      i < pairs ? rho * value + Math.sqrt(1 - rho * rho) * stream.normal() : stream.normal(),
    );
    return [x, y];
  },
  /** All 2 d coordinates have variance 1 and correlation ρ. */
  dense({ dimension, rho }, stream) {
    const common = Math.sqrt(rho) * stream.normal();
    const draw = () => common + Math.sqrt(1 - rho) * stream.normal();
    return [Array.from({ length: dimension }, draw), Array.from({ length: dimension }, draw)];
  },
  /** Standard normal coordinates, all divided by one root of a χ² variable: dependent, though not correlated. */
  student({ dimension, degrees }, stream) {
    let squares = 0;
    for (let i = 0; i < degrees; i++) squares += stream.normal() ** 2;
    const draw = () => stream.normal() / Math.sqrt(squares / degrees);
    return [Array.from({ length: dimension }, draw), Array.from({ length: dimension }, draw)];
  },
  /** x uniform in [0, 1], y = x + uniform noise in ± width. */
  additive({ width }, stream) {
    const x = stream.uniform();
    return [[x], [x + stream.uniform(-width, width)]];
  },
};

/** `count` pairs of a task, as [count × d] of each side, in single precision as features are. */
export function drawTask(task, count, stream) {
  const { dimension, transform } = task;
  const [onX, onY] = transform ? transforms[transform] : same((row) => row);
  const [u, v] = [new Float32Array(count * dimension), new Float32Array(count * dimension)];
  for (let i = 0; i < count; i++) {
    const [x, y] = laws[task.law](task, stream);
    u.set(onX(x), i * dimension);
    v.set(onY(y), i * dimension);
  }
  return { u, v };
}

/** Points that need no generator: the same in `tasks.py`. */
export function waves(count, dimension, share) {
  const [u, v] = [new Float64Array(count * dimension), new Float64Array(count * dimension)];
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < dimension; c++) {
      const x = Math.sin(0.37 * i * i + 1.7 * c);
      u[i * dimension + c] = x;
      v[i * dimension + c] = share * x + Math.cos(0.23 * i * i + 0.61 * i * (c + 1));
    }
  }
  return { u, v };
}
