// Image gradients a second on one thread: TensorFlow.js' own wasm kernels against ours, in turns in one run.
//   node bench/wasm-gradients.mjs [model.json] [rounds]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const shipped = path.join(import.meta.dirname, '../packages/zoo/models/digits-cnn/model.json');
const replaced = ['Conv2DBackpropInput', 'BatchMatMul', 'Identity'];

if (process.argv[2] === '--measure') await measure(process.argv[3], process.argv[4] === 'stock');
else compare(process.argv[2] ?? shipped, Number(process.argv[3] ?? 3));

function compare(model, rounds) {
  const rates = { stock: [], ours: [] };
  for (let round = 0; round < rounds; round++) {
    for (const kind of ['stock', 'ours']) {
      const args = [fileURLToPath(import.meta.url), '--measure', model, kind];
      rates[kind].push(Number(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout));
    }
  }
  const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const [stock, ours] = [median(rates.stock), median(rates.ours)];
  console.log(
    `${model}: stock ${stock.toFixed(0)}, ours ${ours.toFixed(0)} image gradients/s, ratio ${(ours / stock).toFixed(2)} (median of ${rounds})`,
  );
}

async function measure(model, stock) {
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
  const originals = replaced.map((name) => tf.getKernel(name, 'wasm'));
  const { pickAndRest } = await import('@gauntlet/api');
  const { openEngine, openVictim } = await import('@gauntlet/core');
  await openEngine('tfjs:wasm');
  if (stock) {
    for (const kernel of originals) {
      tf.unregisterKernel(kernel.kernelName, 'wasm');
      tf.registerKernel(kernel);
    }
  }
  const config = {
    name: 'v',
    model,
    kind: 'classifier',
    bounds: [0, 1],
    engine: 'tfjs:wasm',
    output: 'auto',
    preprocess: {},
  };
  const { victim } = await openVictim(config, [28, 28, 1]);
  const n = 50;
  const x = tf.randomUniform([n, 28, 28, 1], 0, 1, 'float32', 1);
  const labels = new Int32Array(n);
  const loss = ({ logits }) =>
    tf.tidy(() => tf.sub(tf.logSumExp(logits, 1), pickAndRest(logits, labels).picked));
  const once = async () => {
    const { gradient, value, outputs } = await victim.differentiate(x, loss);
    await gradient.data();
    tf.dispose([gradient, value, outputs.logits]);
  };
  for (let i = 0; i < 3; i++) await once();
  const started = performance.now();
  let steps = 0;
  while (performance.now() - started < 4000) {
    await once();
    steps++;
  }
  console.log((n * steps) / ((performance.now() - started) / 1000));
}
