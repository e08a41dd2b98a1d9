import * as tf from '@tensorflow/tfjs-core';
import { openEngine, openVictim, Stream, misclassified, tidyAsync } from '@gauntlet/core';
import { mine, gaussian } from '@gauntlet/mutual-information';
const eng = process.argv[2] ?? 'onnx:cpu';
const { victim } = await openVictim(
  {
    name: 'v',
    model: '/work/shared/data/models/mnist-classifier',
    kind: 'classifier',
    bounds: [0, 1],
    engine: eng,
    output: 'auto',
    preprocess: {},
  },
  [28, 28, 1],
);
const n = 100;
const x = tf.randomUniform([n, 28, 28, 1], 0, 1, 'float32', 3);
const y = tf.add(x, tf.randomNormal([n, 28, 28, 1], 0, 0.05, 'float32', 5));
const time = async (label, fn, k = 10) => {
  await fn();
  const ts = [];
  for (let i = 0; i < k; i++) {
    const t = performance.now();
    await tidyAsync(async () => {
      await fn();
      return [];
    });
    ts.push(performance.now() - t);
  }
  ts.sort((a, b) => a - b);
  console.log(label.padEnd(30), ts[k >> 1].toFixed(1), 'ms');
};
const goal = misclassified(new Int32Array(n));
await time('predict', () => victim.predict(y));
await time('features', () => victim.features(y));
await time('differentiate', async () => {
  const r = await victim.differentiate(y, (o) => goal.value(o));
  await r.gradient.data();
});
await time('differentiate+features', async () => {
  const r = await victim.differentiate(y, (o) =>
    tf.add(goal.value(o), tf.sum(tf.reshape(o.features, [n, -1]), 1)),
  );
  await r.gradient.data();
});
for (const [name, e] of [
  ['fast', mine({ network: 'fast' })],
  ['positions', mine({ network: 'positions' })],
  ['gaussian', gaussian],
]) {
  const clean = { x, ...(await victim.features(x)) };
  const p = { x: y, ...(await victim.features(y)) };
  const s = await e.open(
    clean,
    Array.from({ length: n }, (_, i) => new Stream('s', i)),
  );
  await time(name + ' train step', () => s.train(p, 1), 6);
  await time(
    name + ' differentiate',
    async () => {
      const r = await s.differentiate(p);
      await r.value.data();
    },
    6,
  );
}
const f = (await victim.features(y)).features;
await time('data()', () => f.data());
const st = Array.from({ length: n }, (_, i) => new Stream('s', i));
await time('perm', async () => {
  for (const s of st) s.permutation(32);
});
