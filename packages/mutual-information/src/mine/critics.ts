import { drawTensor, type Stream, tf } from '@gauntlet/api';
import { writtenCollapsed, writtenPaper } from './compiled/critics.js';
import type { WrittenCritic } from './compiled/written.js';
import { filters, hidden, kernel, outputs } from './network.js';

/**
 * A statistics network T(u, v) = relu(left(u) + right(v)) · v for each sample of the batch. Parameters have the
 * sample as their first dimension; the last one is the head v [n,H,1].
 */
export interface Critic {
  readonly parameters: readonly tf.Tensor[];
  /** Factor on the learning rate for each parameter. */
  readonly rates: readonly number[];
  /** [n,K,D] → [n,K,H] */
  left(u: tf.Tensor3D, parameters: readonly tf.Tensor[]): tf.Tensor3D;
  right(v: tf.Tensor3D, parameters: readonly tf.Tensor[]): tf.Tensor3D;
  /** The same for ONNX Runtime. */
  readonly written: WrittenCritic;
}

export type MakeCritic = (
  dimension: number,
  map: readonly [number, number] | undefined,
  streams: readonly Stream[],
) => Critic;

const glorot = (fanIn: number, fanOut: number) => (stream: Stream) => {
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return stream.uniform(-limit, limit);
};
const zeros = (streams: readonly Stream[], shape: number[]) => tf.zeros([streams.length, ...shape]);
const affine = (x: tf.Tensor3D, weights: tf.Tensor, bias: tf.Tensor) =>
  tf.add(tf.matMul(x, weights as tf.Tensor3D), bias) as tf.Tensor3D;

/**
 * x [n,K,D] · W [n,D,H] one sample at a time: with millions of weights a sample, one fast single product each
 * (XNNPACK on wasm) beats the naive loop that batched products get: 458 instead of 732 ms a step on 26×26 maps.
 */
function bigAffine(x: tf.Tensor3D, weights: tf.Tensor, bias: tf.Tensor): tf.Tensor3D {
  const all = samplesOf(weights);
  const products = samplesOf(x).map((rows, i) => tf.matMul(rows, all[i]));
  return tf.add(tf.stack(products), bias) as tf.Tensor3D;
}

/** The samples of a batch. TensorFlow.js cannot differentiate an unstack with one output. */
function samplesOf(batch: tf.Tensor): tf.Tensor2D[] {
  const [n, rows, columns] = batch.shape as [number, number, number];
  return n === 1 ? [tf.reshape(batch, [rows, columns])] : (tf.unstack(batch) as tf.Tensor2D[]);
}

/**
 * The reference network: each branch conv 16 2×2 → dense 512 → dense 10 (no activations between), then
 * relu(branch_x + branch_y) → dense 1 without bias. Samples that are no pictures skip the convolution.
 * For 26×26 maps 10.25 million parameters per image.
 */
export const paperCritic: MakeCritic = (dimension, map, streams) => {
  const patches = map ? (map[0] - 1) * (map[1] - 1) : 0;
  const flat = map ? patches * filters : dimension;
  const branch = () => [
    ...(map
      ? [
          drawTensor(streams, [kernel * kernel, filters], glorot(kernel ** 2, kernel ** 2 * filters)),
          zeros(streams, [1, filters]),
        ]
      : []),
    drawTensor(streams, [flat, hidden], glorot(flat, hidden)),
    zeros(streams, [1, hidden]),
    drawTensor(streams, [hidden, outputs], glorot(hidden, outputs)),
    zeros(streams, [1, outputs]),
  ];
  const [one, other] = [branch(), branch()];
  const parameters = [...one, ...other, drawTensor(streams, [outputs, 1], glorot(outputs, 1))];
  const run = (x: tf.Tensor3D, [...theta]: readonly tf.Tensor[]) => {
    let rows = x;
    if (map) {
      const [n, k] = x.shape;
      const columns = tf.reshape(unfold(x, map), [n, k * patches, kernel * kernel]) as tf.Tensor3D;
      rows = tf.reshape(affine(columns, theta.shift()!, theta.shift()!), [n, k, flat]);
    }
    return affine(bigAffine(rows, theta[0], theta[1]), theta[2], theta[3]);
  };
  return {
    parameters,
    rates: parameters.map(() => 1),
    left: (u, theta) => run(u, theta.slice(0, one.length)),
    right: (v, theta) => run(v, theta.slice(one.length, -1)),
    written: writtenPaper(map, one.length),
  };
};

/** All 2×2 patches of K pictures: [n,K,h·w] → [n,K,(h−1)(w−1),4]. */
function unfold(x: tf.Tensor3D, [h, w]: readonly [number, number]): tf.Tensor {
  const [n, k] = x.shape;
  const pictures = tf.reshape(x, [n * k, h, w]);
  const corners = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ].map(([top, left]) => tf.slice(pictures, [0, top, left], [n * k, h - 1, w - 1]));
  return tf.stack(corners, 3);
}

/** Learning rates of the collapsed branches, as a multiple of the network's: measured to follow `paperCritic`. */
const collapsedRate = 80;

/**
 * The same function class with each branch, linear up to the relu, collapsed to one matrix:
 * relu(uA + vB + b)·v. The entries' spread is that of the product of the reference's initial matrices.
 */
export const fastCritic: MakeCritic = (dimension, map, streams) => {
  const flat = map ? (map[0] - 1) * (map[1] - 1) * filters : dimension;
  const convolution = map ? kernel ** 2 * filters * (2 / (kernel ** 2 * (1 + filters))) : 1;
  const spread = Math.sqrt(convolution * hidden * (2 / (flat + hidden)) * (2 / (hidden + outputs)));
  const matrix = () => drawTensor(streams, [dimension, outputs], (stream) => spread * stream.normal());
  return collapsed(matrix(), matrix(), drawTensor(streams, [outputs, 1], glorot(outputs, 1)), [
    collapsedRate,
    collapsedRate,
    collapsedRate,
    1,
  ]);
};

/** Hidden width of the network on positions. */
const positionUnits = 16;

/** relu(uA + vB + b)·v on channel vectors; all parameters learn at one rate. */
export const positionsCritic: MakeCritic = (dimension, _map, streams) => {
  const matrix = () => drawTensor(streams, [dimension, positionUnits], glorot(dimension, positionUnits));
  return collapsed(
    matrix(),
    matrix(),
    drawTensor(streams, [positionUnits, 1], glorot(positionUnits, 1)),
    [1, 1, 1, 1],
  );
};

function collapsed(a: tf.Tensor, b: tf.Tensor, head: tf.Tensor, rates: readonly number[]): Critic {
  const [n, , units] = a.shape as [number, number, number];
  return {
    parameters: [a, b, tf.zeros([n, 1, units]), head],
    rates,
    left: (u, [A]) => tf.matMul(u, A as tf.Tensor3D),
    right: (v, [, B, bias]) => affine(v, B, bias),
    written: writtenCollapsed,
  };
}
