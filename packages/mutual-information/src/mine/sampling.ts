import { drawTensor, flatRows, type Stream, tf } from '@gauntlet/api';
import type { View } from '../estimator.js';
import { writtenMaps, writtenPositions, writtenProjections } from './compiled/samplings.js';
import type { WrittenSampling } from './compiled/written.js';

/** How K pairs of D-dimensional samples are taken from one pair of images. */
export interface Sampling {
  /** The part of the view that the perturbed samples are a function of. */
  readonly of: keyof View;
  /** Height and width of a sample, if it is a picture (for the reference network's convolution). */
  readonly map?: readonly [number, number];
  /** [n,K,D] from the clean side, fixed for the session. */
  readonly u: tf.Tensor3D;
  /** [n,K,D] from the perturbed side; differentiable in tfjs operations. */
  v(part: tf.Tensor4D): tf.Tensor3D;
  keep(pick: (tensor: tf.Tensor) => tf.Tensor): void;
  dispose(): void;
  /** The same for ONNX Runtime. */
  readonly written: WrittenSampling;
}

/** The K feature maps of the first convolution, after its activation: D = h·w. Hsu et al. 2022. */
export function featureMaps(clean: View): Sampling {
  return fromFeatures(
    clean.features,
    'features',
    (t) => {
      const [n, h, w, k] = t.shape;
      return tf.reshape(tf.transpose(t, [0, 3, 1, 2]), [n, k, h * w]);
    },
    writtenMaps(clean.features.shape),
    [clean.features.shape[1], clean.features.shape[2]],
  );
}

/** The positions of the first convolution: K = h·w samples of the channel vector, D = channels. */
export function positions(clean: View): Sampling {
  return fromFeatures(
    clean.features,
    'features',
    (t) => {
      const [n, h, w, c] = t.shape;
      return tf.reshape(t, [n, h * w, c]);
    },
    writtenPositions(clean.features.shape),
  );
}

function fromFeatures(
  clean: tf.Tensor4D,
  of: keyof View,
  arrange: (t: tf.Tensor4D) => tf.Tensor3D,
  written: WrittenSampling,
  map?: readonly [number, number],
): Sampling {
  let u = tf.keep(tf.tidy(() => tf.clone(arrange(clean))));
  return {
    of,
    map,
    written,
    get u() {
      return u;
    },
    v: arrange,
    keep: (pick) => (u = pick(u) as tf.Tensor3D),
    dispose: () => u.dispose(),
  };
}

/** K and D of random sampling in the reference. */
const [projections, width] = [500, 128];

/**
 * K random projections of the flattened image to D numbers, each standardised over its D numbers. For fixed
 * x, y the rows are iid Gaussian pairs with the correlation cos(x, y), so they are drawn as such:
 * u = a, v = cos·a + sin·b with a, b standard normal. The law is the reference's, for 2·D instead of d·D draws a row.
 */
export function randomProjections(clean: View, streams: readonly Stream[]): Sampling {
  const draw = (stream: Stream) => stream.normal();
  let state = tf.tidy(() => ({
    x: tf.keep(tf.clone(flatRows(clean.x))),
    a: tf.keep(drawTensor(streams, [projections, width], draw)),
    b: tf.keep(drawTensor(streams, [projections, width], draw)),
  }));
  let u = tf.keep(standardise(state.a));
  return {
    of: 'x',
    written: writtenProjections(clean.x.shape, () => state),
    get u() {
      return u;
    },
    v: (part) => {
      const y = flatRows(part);
      const lengths = tf.mul(norm(state.x), norm(y));
      const cosine = tf.div(tf.sum(tf.mul(state.x, y), 1), tf.maximum(lengths, 1e-12));
      const sine = tf.sqrt(tf.maximum(tf.sub(1, tf.square(cosine)), 1e-10));
      const spread = (t: tf.Tensor) => tf.reshape(t, [-1, 1, 1]);
      return standardise(tf.add(tf.mul(state.a, spread(cosine)), tf.mul(state.b, spread(sine))));
    },
    keep: (pick) => {
      state = { x: pick(state.x) as tf.Tensor2D, a: pick(state.a), b: pick(state.b) };
      u = pick(u) as tf.Tensor3D;
    },
    dispose: () => tf.dispose([u, state.x, state.a, state.b]),
  };
}

const norm = (rows: tf.Tensor) => tf.sqrt(tf.sum(tf.square(rows), 1));

function standardise(rows: tf.Tensor): tf.Tensor3D {
  return tf.tidy(() => {
    const { mean, variance } = tf.moments(rows, 2, true);
    return tf.div(tf.sub(rows, mean), tf.sqrt(tf.add(variance, 1e-12)));
  }) as tf.Tensor3D;
}
