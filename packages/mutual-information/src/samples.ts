import type { FeatureBlock } from '@gauntlet/api';
import { principalAxes } from './principal-axes.js';

/** Pairs of one image: rows of u and v at the same position belong together. */
export interface Pairs {
  /** Row-major, count × dimension; each column with mean 0, and variance 1 unless it is constant. */
  u: Float64Array;
  v: Float64Array;
  count: number;
  dimension: number;
}

/** The options of estimators that look at each pair. */
export const pairParams = {
  components: {
    type: ['integer', 'null'],
    minimum: 1,
    description: 'Principal components of the clean features that are looked at; null: all channels',
  },
  positions: {
    type: 'integer',
    minimum: 16,
    default: 1024,
    description: 'Positions of an image at most; of more, every second, third, … is taken',
  },
} as const;

/**
 * The channel vectors of image i at all positions, or at evenly spaced ones. Each side is standardised channel by channel,
 * then both are projected on the `components` first principal axes of the clean side: I of projections is never above I.
 */
export function pairsOf(
  clean: FeatureBlock,
  perturbed: FeatureBlock,
  i: number,
  { components, positions }: { components: number | null; positions: number },
): Pairs {
  const { positions: all, channels } = clean;
  const stride = Math.ceil(all / positions);
  const count = Math.ceil(all / stride);
  const rows = ({ data }: FeatureBlock) => {
    const out = new Float64Array(count * channels);
    for (let row = 0; row < count; row++) {
      const from = (i * all + row * stride) * channels;
      out.set(data.subarray(from, from + channels), row * channels);
    }
    return standardised(out, channels);
  };
  const [u, v] = [rows(clean), rows(perturbed)];
  if (components === null || components >= channels) return { u, v, count, dimension: channels };
  const axes = principalAxes(u, channels, components);
  return {
    u: projected(u, axes, channels, components),
    v: projected(v, axes, channels, components),
    count,
    dimension: components,
  };
}

/** Columns with mean 0 and variance 1, in place; a constant column (but for rounding in single precision) is 0. */
export function standardised(rows: Float64Array, width: number): Float64Array {
  const count = rows.length / width;
  for (let c = 0; c < width; c++) {
    let [sum, squares] = [0, 0];
    for (let at = c; at < rows.length; at += width) sum += rows[at];
    const mean = sum / count;
    for (let at = c; at < rows.length; at += width) squares += (rows[at] - mean) ** 2;
    const spread = Math.sqrt(squares / count);
    const scale = spread > 1e-6 * Math.abs(mean) + 1e-12 ? 1 / spread : 0;
    for (let at = c; at < rows.length; at += width) rows[at] = (rows[at] - mean) * scale;
  }
  return rows;
}

/** rows [count × width] · axesᵀ, where the axes are rows. */
function projected(rows: Float64Array, axes: Float64Array, width: number, components: number): Float64Array {
  const count = rows.length / width;
  const out = new Float64Array(count * components);
  for (let row = 0; row < count; row++) {
    for (let a = 0; a < components; a++) {
      let sum = 0;
      for (let c = 0; c < width; c++) sum += rows[row * width + c] * axes[a * width + c];
      out[row * components + a] = sum;
    }
  }
  return out;
}
