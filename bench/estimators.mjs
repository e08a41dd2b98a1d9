// Milliseconds for a batch of 100 images: the victim's passes, and one step of each estimator of mutual information.
//   node bench/estimators.mjs [model] [engine]
// Or what the estimators give where the truth is known: `known-information/bias.mjs`.
//   node bench/estimators.mjs --bias
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { misclassified, Stream, tidyAsync } from '@gauntlet/api';
import { openVictim } from '@gauntlet/core';
import { similarityOf } from '@gauntlet/mutual-information';

// It ends the process.
if (process.argv.includes('--bias')) await import('./known-information/bias.mjs');

const beside = path.join(import.meta.dirname, '../../shared/data/models/mnist-classifier');
const shipped = path.join(import.meta.dirname, '../packages/zoo/models/digits-cnn');
const model = process.argv[2] ?? (existsSync(beside) ? beside : shipped);
const engine = process.argv[3] ?? 'onnx:cpu';
const n = 100;
const config = {
  name: 'v',
  model,
  kind: 'classifier',
  bounds: [0, 1],
  engine,
  output: 'auto',
  preprocess: {},
};
const { victim } = await openVictim(config, [28, 28, 1]);
const x = tf.randomUniform([n, 28, 28, 1], 0, 1, 'float32', 3);
const y = tf.clipByValue(tf.add(x, tf.randomNormal([n, 28, 28, 1], 0, 0.05, 'float32', 5)), 0, 1);

async function time(label, go) {
  const scoped = () => tidyAsync(go);
  await scoped();
  const times = [];
  for (let i = 0; i < 15; i++) {
    const started = performance.now();
    await scoped();
    times.push(performance.now() - started);
  }
  console.log(
    `${label.padEnd(28)} ${times
      .sort((a, b) => a - b)[7]
      .toFixed(1)
      .padStart(7)} ms`,
  );
}

const goal = misclassified(new Int32Array(n));
console.log(`${path.basename(model)} on ${engine}, ${n} images, median of 15`);
await time('forward', async () => (await victim.predict(y)).logits.data());
await time('features', () => victim.features(y));
await time('gradient', async () =>
  (await victim.differentiate(y, (outputs) => goal.value(outputs))).gradient.data(),
);
for (const similarity of ['gaussian', 'fast', 'positions']) {
  const [clean, perturbed] = [
    { x, ...(await victim.features(x)) },
    { x: y, ...(await victim.features(y)) },
  ];
  const estimator = similarityOf({ similarity, sampling: 'conv' });
  const session = await estimator.open(
    clean,
    Array.from({ length: n }, (_, i) => new Stream('bench', i)),
    victim.graphs,
  );
  await time(`${similarity}: step on Θ`, () => session.train(perturbed, 1));
  await time(`${similarity}: gradient for x + δ`, async () =>
    (await session.differentiate(perturbed)).value.data(),
  );
  session.dispose();
}
process.exit(0);
