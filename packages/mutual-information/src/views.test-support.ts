import * as tf from '@tensorflow/tfjs-core';
import { Stream } from '@gauntlet/api';
import type { View } from './estimator.js';

/** A view with the given features before the activation, relu after it, and the images they are a picture of. */
export function viewOf(features: tf.Tensor4D): View {
  const [n, h, w] = features.shape;
  return {
    x: tf.reshape(tf.mean(features, 3), [n, h, w, 1]),
    preactivation: tf.clone(features),
    features: tf.relu(features),
  };
}

export function normalTensor(key: string, shape: [number, number, number, number]): tf.Tensor4D {
  const stream = new Stream(key, ...shape);
  return tf.tensor4d(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal()),
    shape,
  );
}

export const streamsFor = (n: number, key = 'test') =>
  Array.from({ length: n }, (_, i) => new Stream(key, i));
