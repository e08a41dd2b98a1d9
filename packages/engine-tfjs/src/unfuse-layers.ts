import { tf } from '@gauntlet/api';
import type * as tfl from '@tensorflow/tfjs-layers';

/** What the layers below keep about themselves; none of it is in their public types. */
interface Activation {
  apply(x: tf.Tensor): tf.Tensor;
  getClassName(): string;
}
interface Inner {
  activation?: Activation | null;
  kernel: { read(): tf.Tensor };
  bias?: { read(): tf.Tensor1D } | null;
  strides: [number, number];
  padding: 'valid' | 'same';
  dilationRate: [number, number];
  dataFormat: 'channelsFirst' | 'channelsLast';
  call(inputs: tf.Tensor | tf.Tensor[], kwargs: object): tf.Tensor;
}

export const inner = (layer: tfl.layers.Layer) => layer as unknown as Inner;
const only = (inputs: tf.Tensor | tf.Tensor[]) => (Array.isArray(inputs) ? inputs[0] : inputs);

/**
 * TensorFlow.js runs Conv2D and Dense as one fused operation whose gradient also computes the *weights'*
 * gradient, wanted or not (and on wasm it cannot). A victim's weights are constants, so these layers get a
 * call made of plain operations, of which only the input's side is ever differentiated.
 */
export function unfuse(layer: tfl.layers.Layer): void {
  const self = inner(layer);
  const kind = layer.getClassName();
  if (kind === 'Conv2D' && self.dataFormat !== 'channelsFirst') {
    self.call = (inputs) =>
      tf.tidy(() => {
        const { strides, padding, dilationRate } = self;
        const filter = self.kernel.read() as tf.Tensor4D;
        return finish(
          self,
          tf.conv2d(only(inputs) as tf.Tensor4D, filter, strides, padding, 'NHWC', dilationRate),
        );
      });
  } else if (kind === 'Dense') {
    self.call = (inputs) =>
      tf.tidy(() => {
        const x = only(inputs);
        const kernel = self.kernel.read() as tf.Tensor2D;
        const rows = tf.matMul(tf.reshape(x, [-1, x.shape[x.rank - 1]]), kernel);
        return finish(self, tf.reshape(rows, [...x.shape.slice(0, -1), kernel.shape[1]]));
      });
  }
}

function finish(layer: Inner, z: tf.Tensor): tf.Tensor {
  const biased = layer.bias ? tf.add(z, layer.bias.read()) : z;
  return layer.activation ? layer.activation.apply(biased) : biased;
}

/** Replaces a layer's activation; its name is changed too, so that no fused kernel is chosen for it. */
export function replaceActivation(
  layer: tfl.layers.Layer,
  apply: (z: tf.Tensor, original: Activation | undefined) => tf.Tensor,
): void {
  const self = inner(layer);
  const original = self.activation ?? undefined;
  self.activation = { apply: (z) => apply(z, original), getClassName: () => 'gauntlet' };
}

/** Replaces what a layer does by a function of its input and its own former call. */
export function replaceCall(
  layer: tfl.layers.Layer,
  call: (x: tf.Tensor, former: () => tf.Tensor) => tf.Tensor,
): void {
  const self = inner(layer);
  const former = self.call.bind(layer);
  self.call = (inputs, kwargs) => call(only(inputs), () => former(inputs, kwargs));
}
