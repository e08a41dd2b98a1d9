// Trains the encoder of this folder on synthetic digits, contrastively (SimCLR: Chen et al. 2020, equation 1): two views of a
// digit, each moved by up to two pixels and with a little noise, are to be nearer to each other than to views of others.
//   node examples/encoder/train.mjs
import { Stream, tf } from '@gauntlet/api';
import { minimise, openTrainingEngine, run, saveModel, syntheticDigits } from '@gauntlet/zoo';
import * as tfl from '@tensorflow/tfjs-layers';

const [count, steps, batchSize, temperature, most, noise] = [3000, 800, 64, 0.2, 2, 0.05];
const side = 28;
const stream = new Stream('train-encoder');
await openTrainingEngine('tfjs:wasm');

const seeded = (seed) => ({ kernelInitializer: tfl.initializers.glorotUniform({ seed }) });
const conv = (filters, seed) => ({
  filters,
  kernelSize: 3,
  strides: 2,
  padding: 'same',
  activation: 'relu',
  ...seeded(seed),
});
const encoder = tfl.sequential({
  layers: [
    tfl.layers.conv2d({ inputShape: [side, side, 1], ...conv(8, 1) }),
    tfl.layers.conv2d(conv(16, 2)),
    tfl.layers.flatten(),
    tfl.layers.dense({ units: 16, ...seeded(3) }),
  ],
});

const data = syntheticDigits(count, 0);
const unseen = syntheticDigits(200, 1);

/** A view of each of some digits, [n,28,28,1]. */
function views(digits, chosen) {
  const pixels = new Float32Array(chosen.length * side * side);
  chosen.forEach((index, row) => {
    const image = digits.pixels(index);
    const [down, right] = [0, 1].map(() => Math.round(stream.uniform(-most, most)));
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const [from, at] = [y - down, x - right];
        const inside = from >= 0 && from < side && at >= 0 && at < side;
        const value = (inside ? image[from * side + at] / 255 : 0) + noise * stream.normal();
        pixels[(row * side + y) * side + x] = Math.min(1, Math.max(0, value));
      }
  });
  return tf.tensor4d(pixels, [chosen.length, side, side, 1]);
}

const unit = (z) => tf.div(z, tf.add(tf.norm(z, 2, 1, true), 1e-6));

/** Each of 2n views against all others; its partner is n rows away. */
function loss(first, second) {
  const z = unit(run(encoder, tf.concat([first, second])));
  const n = first.shape[0];
  const scores = tf.sub(tf.div(tf.matMul(z, z, false, true), temperature), tf.mul(tf.eye(2 * n), 1e4));
  const partners = tf.mul(
    tf.sum(tf.mul(z, tf.concat([tf.slice(z, n), tf.slice(z, 0, n)])), 1),
    1 / temperature,
  );
  return tf.mean(tf.sub(tf.logSumExp(scores, 1), partners));
}

const optimizer = tf.train.adam(3e-3);
let last;
for (let step = 1; step <= steps; step++) {
  const chosen = stream.permutation(count).slice(0, batchSize);
  const [first, second] = [views(data, chosen), views(data, chosen)];
  const value = tf.tidy(() => minimise(optimizer, () => loss(first, second), encoder));
  if (step % 100 === 0) {
    [last] = await value.data();
    console.log(`step ${step}/${steps}: loss ${last.toPrecision(4)}`);
  }
  tf.dispose([first, second, value]);
}

// How often the nearest of 200 unseen digits is the other view of the same one.
const test = Array.from({ length: unseen.count }, (_, i) => i);
const [first, second] = [views(unseen, test), views(unseen, test)].map((x) => unit(encoder.predict(x)));
const nearest = await tf.argMax(tf.matMul(first, second, false, true), 1).data();
const found = nearest.filter((index, row) => index === test[row]).length / test.length;
console.log(`the other view is the nearest of 200: ${found}`);
await saveModel(encoder, import.meta.dirname, {
  name: 'digits-encoder',
  inputs: '[n, 28, 28, 1] in [0, 1]',
  data: { name: 'digits', images: count, seed: 0 },
  training: { steps, batchSize, temperature, loss: Number(last.toPrecision(4)) },
  test: { images: test.length, otherViewNearest: found },
  madeBy: 'node examples/encoder/train.mjs',
  licence: 'Apache-2.0',
});
