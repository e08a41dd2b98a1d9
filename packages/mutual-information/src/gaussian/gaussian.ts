import type { FeatureBlock } from '@gauntlet/api';
import {
  cholesky,
  inverse,
  logDeterminant,
  multiply,
  solveLower,
  subtractSquare,
  transpose,
} from './symmetric.js';

/** λ: added to every variance, in units of the clean features' mean square. */
export const ridge = 1e-2;

/** What of the clean image every later estimate needs. */
export interface CleanSide {
  /** Centred and scaled positions × channels. */
  u: Float64Array;
  /** 1 / root mean square of the centred clean features. */
  scale: number;
  /** C_uu, of which only the lower triangle is read. */
  variance: Float64Array;
  /** (C_uu + λI)⁻¹ */
  precision: Float64Array;
}

/**
 * The Gaussian estimate of I(u, v) for one image: u, v are the channel vectors at P positions, taken as jointly
 * normal with covariances C, all centred and divided by the root mean square of u:
 *
 *     I = ½ [ log det(C_uu + λI) + log det(C_vv + λI) − log det [[C_uu + λI, C_uv], [C_vu, C_vv + λI]] ]
 *
 * computed as ½ [log det V − log det S] with V = C_vv + λI and the Schur complement S = V − C_vu (C_uu + λI)⁻¹ C_uv.
 * Nats, ≥ 0, finite for constant images and for fewer positions than channels (λ > 0 keeps every matrix definite).
 */
export function prepareClean(features: Float32Array, positions: number, channels: number): CleanSide {
  const u = centre(features, positions, channels);
  let squares = 0;
  for (const value of u) squares += value * value;
  const rms = Math.sqrt(squares / u.length);
  // A constant image has no scale of its own; its estimate is 0 at any scale.
  const scale = rms > 1e-12 ? 1 / rms : 1;
  for (let i = 0; i < u.length; i++) u[i] *= scale;
  const variance = covariance(u, u, positions, channels);
  return { u, scale, variance, precision: precisionOf(variance, channels) };
}

/** W = (C_uu + λI)⁻¹ */
export const precisionOf = (variance: Float64Array, channels: number): Float64Array =>
  inverse(cholesky(addRidge(variance.slice(), channels), channels), channels);

/** I, and the matrices of its gradient dI/dv_p = (1/P) (onV v_p + onU u_p). */
export interface Information {
  value: number;
  /** V⁻¹ − S⁻¹, channels × channels. */
  onV: Float64Array;
  /** W C_uv S⁻¹ */
  onU: Float64Array;
}

/**
 * The estimate from W = (C_uu + λI)⁻¹, C_vv (whose lower triangle is read) and C_uv.
 * With `gradient` false the matrices are left empty.
 */
export function information(
  precision: Float64Array,
  variance: Float64Array,
  cross: Float64Array,
  channels: number,
  gradient: boolean,
): Information {
  addRidge(variance, channels);
  // W C_uv, and S = V − C_vu W C_uv
  const explained = multiply(precision, cross, channels);
  const schur = variance.slice();
  const reduction = multiply(transpose(cross, channels), explained, channels);
  for (let i = 0; i < schur.length; i++) schur[i] -= reduction[i];
  const varianceFactor = cholesky(variance, channels);
  const schurFactor = cholesky(schur, channels);
  const raw = 0.5 * (logDeterminant(varianceFactor, channels) - logDeterminant(schurFactor, channels));
  const value = Math.max(0, raw);
  const none = new Float64Array(0);
  if (!gradient) return { value, onV: none, onU: none };
  const schurInverse = inverse(schurFactor, channels);
  const onV = inverse(varianceFactor, channels);
  for (let i = 0; i < onV.length; i++) onV[i] -= schurInverse[i];
  return { value, onV, onU: multiply(explained, schurInverse, channels) };
}

/** I in nats, and if `gradient` is given, dI/dfeatures of the perturbed image written into it. */
export function gaussianEstimate(
  clean: CleanSide,
  features: Float32Array,
  positions: number,
  channels: number,
  gradient?: Float32Array,
): number {
  const { u, scale, precision } = clean;
  const v = centre(features, positions, channels);
  for (let i = 0; i < v.length; i++) v[i] *= scale;
  const variance = covariance(v, v, positions, channels);
  const cross = covariance(u, v, positions, channels);
  const { value, onV, onU } = information(precision, variance, cross, channels, gradient !== undefined);
  // Back through the scale; centring changes nothing, since the rows of v and u sum to zero.
  if (gradient) multiplyInto(gradient, v, onV, u, onU, channels, scale / positions);
  return value;
}

/** out = factor · (v A + u B), row by row; both matrices are channels × channels. */
function multiplyInto(
  out: Float32Array,
  v: Float64Array,
  a: Float64Array,
  u: Float64Array,
  b: Float64Array,
  channels: number,
  factor: number,
): void {
  const sum = new Float64Array(channels);
  for (let at = 0; at < v.length; at += channels) {
    sum.fill(0);
    for (let j = 0; j < channels; j++) {
      const vj = v[at + j];
      const uj = u[at + j];
      const row = j * channels;
      for (let i = 0; i < channels; i++) sum[i] += a[row + i] * vj + b[row + i] * uj;
    }
    for (let i = 0; i < channels; i++) out[at + i] = factor * sum[i];
  }
}

/**
 * I(u, u) from C_uu. With both images the same, S is 2λI − λ²W, which is W (2λC_uu + λ²I) and has its determinant:
 *
 *     I = log det(C_uu + λI) − ½ [ n log λ + log det(2C_uu + λI) ]
 */
export function selfInformation(variance: Float64Array, channels: number): number {
  const whole = factorOf(variance, channels);
  const double = variance.map((value) => 2 * value);
  const rest = logDeterminant(cholesky(addRidge(double, channels), channels), channels);
  return Math.max(0, logDeterminant(whole, channels) - (channels * Math.log(ridge) + rest) / 2);
}

/** The Cholesky factor of C_uu + λI. */
export const factorOf = (variance: Float64Array, channels: number): Float64Array =>
  cholesky(addRidge(variance.slice(), channels), channels);

/**
 * The estimate alone, from the factor L of C_uu + λI, C_vv and C_uv: with X = L⁻¹ C_uv, S = V − XᵀX. Takes a third of the
 * arithmetic that `information` does. C_vv is overwritten.
 */
export function informationValue(
  factor: Float64Array,
  variance: Float64Array,
  cross: Float64Array,
  channels: number,
): number {
  addRidge(variance, channels);
  const schur = variance.slice();
  subtractSquare(schur, solveLower(factor, cross, channels), channels);
  const whole = logDeterminant(cholesky(variance, channels), channels);
  return Math.max(0, (whole - logDeterminant(cholesky(schur, channels), channels)) / 2);
}

/** Clean images are asked about again and again: with themselves, and at each step of a trace. */
const prepared = new WeakMap<FeatureBlock, CleanSide[]>();

function sidesOf(clean: FeatureBlock): CleanSide[] {
  const { n, positions, channels } = clean;
  const size = positions * channels;
  const sides =
    prepared.get(clean) ??
    Array.from({ length: n }, (_, i) =>
      prepareClean(clean.data.subarray(i * size, (i + 1) * size), positions, channels),
    );
  prepared.set(clean, sides);
  return sides;
}

/** The estimate for every image of two blocks. */
export function gaussianBatch(clean: FeatureBlock, perturbed: FeatureBlock): Float64Array {
  const { positions, channels } = clean;
  const size = positions * channels;
  return Float64Array.from(sidesOf(clean), (side, i) =>
    perturbed === clean
      ? selfInformation(side.variance, channels)
      : gaussianEstimate(side, perturbed.data.subarray(i * size, (i + 1) * size), positions, channels),
  );
}

function centre(features: Float32Array, positions: number, channels: number): Float64Array {
  const mean = new Float64Array(channels);
  for (let at = 0; at < features.length; at += channels) {
    for (let c = 0; c < channels; c++) mean[c] += features[at + c];
  }
  const out = new Float64Array(features.length);
  for (let p = 0; p < positions; p++) {
    for (let c = 0; c < channels; c++)
      out[p * channels + c] = features[p * channels + c] - mean[c] / positions;
  }
  return out;
}

/**
 * (1/P) Σ_p a_p b_pᵀ; of a symmetric one (a = b) only the lower triangle, which is all that is ever read.
 * Four positions and two rows at a time: each sum is loaded and stored a quarter as often, and each b half as often.
 */
function covariance(a: Float64Array, b: Float64Array, positions: number, channels: number): Float64Array {
  // Of an odd number of rows the last one has a companion, which is thrown away.
  const out = new Float64Array((channels + (channels % 2)) * channels);
  const whole = positions - (positions % 4);
  for (let p = 0; p < whole; p += 4) {
    const p0 = p * channels;
    const p1 = p0 + channels;
    const p2 = p1 + channels;
    const p3 = p2 + channels;
    for (let i = 0; i < channels; i += 2) {
      // No destructuring here: V8 makes the arrays, and it all takes 2.6 times as long.
      const a0 = a[p0 + i];
      const a1 = a[p1 + i];
      const a2 = a[p2 + i];
      const a3 = a[p3 + i];
      const c0 = a[p0 + i + 1];
      const c1 = a[p1 + i + 1];
      const c2 = a[p2 + i + 1];
      const c3 = a[p3 + i + 1];
      const row = i * channels;
      const next = row + channels;
      const end = a === b ? Math.min(i + 2, channels) : channels;
      for (let j = 0; j < end; j++) {
        const b0 = b[p0 + j];
        const b1 = b[p1 + j];
        const b2 = b[p2 + j];
        const b3 = b[p3 + j];
        out[row + j] += a0 * b0 + a1 * b1 + a2 * b2 + a3 * b3;
        out[next + j] += c0 * b0 + c1 * b1 + c2 * b2 + c3 * b3;
      }
    }
  }
  for (let p = whole; p < positions; p++) {
    for (let i = 0; i < channels; i++) {
      for (let j = 0; j < channels; j++) out[i * channels + j] += a[p * channels + i] * b[p * channels + j];
    }
  }
  for (let i = 0; i < out.length; i++) out[i] /= positions;
  return out.subarray(0, channels * channels);
}

function addRidge(matrix: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) matrix[i * n + i] += ridge;
  return matrix;
}
