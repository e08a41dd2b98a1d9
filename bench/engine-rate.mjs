// What bench/engines.mjs measures in each of its processes.
import * as tf from '@tensorflow/tfjs-core';
import { BatchRandom, misclassified } from '@gauntlet/api';
import { CountedVictim, newLedger, openVictim } from '@gauntlet/core';
import { minmax } from '@gauntlet/attacks-minmax';
import { pgd } from '@gauntlet/attacks-standard';

export async function rateOf(model, engine, task, n) {
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
  const { logits } = await victim.predict(x);
  const labels = Int32Array.from(await tf.argMax(logits, 1).data());
  const attack = task === 'pgd' ? pgd : minmax;
  const go = async (iterations) => {
    const params =
      task === 'pgd'
        ? {
            norm: 'linf',
            epsilon: 0.3,
            steps: iterations,
            stepSize: 0.03,
            randomStart: false,
            keepImproving: true,
            loss: 'ce',
            restarts: 1,
          }
        : { ...defaults(minmax), similarity: task, iterations, epsilon: 1 };
    const indices = Array.from({ length: n }, (_, i) => i);
    const counted = new CountedVictim(victim, newLedger(n));
    const context = {
      victim: counted,
      x,
      labels,
      goal: (rows) => misclassified(Int32Array.from(rows, (row) => labels[row])),
      goalSource: 'standard',
      params,
      random: new BatchRandom(1, 'bench', indices),
    };
    const started = performance.now();
    const { perturbed } = await attack.perturb(context);
    await perturbed.data();
    await counted.settle();
    perturbed.dispose();
    return (performance.now() - started) / 1000;
  };
  const long = task === 'pgd' ? 30 : task === 'paper' ? 6 : 20;
  await go(2);
  // The difference of two lengths leaves out what is done once.
  const [short, whole] = [await go(2), await go(2 + long)];
  tf.dispose([x, logits]);
  victim.dispose();
  return (n * long) / (whole - short);
}

/** Defaults live in the attack's schema. */
function defaults({ params }) {
  return Object.fromEntries(
    Object.entries(params.properties).map(([name, { default: value }]) => [name, value]),
  );
}
