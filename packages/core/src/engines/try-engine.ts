import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { reasonOf, tf } from '@gauntlet/api';
import { openEngine } from './open-engine.js';
import type { Trial } from './trial.js';

/** Random weights, the same everywhere; saved as a file, since that is how victims come. */
async function saveSmallNetwork(folder: string): Promise<void> {
  const { layers, initializers, sequential } = await import('@tensorflow/tfjs-layers');
  const random = (seed: number) => ({ kernelInitializer: initializers.glorotNormal({ seed }) });
  const conv = (filters: number, rest = {}) =>
    layers.conv2d({ filters, kernelSize: 3, activation: 'relu', ...random(filters), ...rest });
  const pool = () => layers.maxPooling2d({ poolSize: 2 });
  const model = sequential({
    layers: [
      conv(16, { inputShape: [28, 28, 1] }),
      pool(),
      conv(32),
      pool(),
      layers.flatten(),
      layers.dense({ units: 10, ...random(1) }),
    ],
  });
  await model.save({
    save: async ({ modelTopology, weightSpecs, weightData }) => {
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      writeFileSync(path.join(folder, 'weights.bin'), new Uint8Array(weightData as ArrayBuffer));
      writeFileSync(
        path.join(folder, 'model.json'),
        JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest }),
      );
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
}

async function measure(name: string): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-doctor-'));
  try {
    const engine = await openEngine(name);
    await saveSmallNetwork(folder);
    const model = await engine.load({ path: folder, output: 'logits' });
    const n = 32;
    const x = tf.randomUniform([n, 28, 28, 1], 0, 1, 'float32', 1);
    const once = async () => {
      const { value, gradient, output } = await model.differentiate(x, (outputs) =>
        tf.sum(tf.reshape(outputs.output, [n, -1]), 1),
      );
      await gradient.data();
      tf.dispose([value, gradient, output]);
    };
    await once();
    let runs = 0;
    const started = performance.now();
    while (performance.now() - started < 700) {
      await once();
      runs++;
    }
    return (1000 * n * runs) / (performance.now() - started);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// A process of its own: whatever a driver does, it happens here.
const [, , name, task] = process.argv;
const trial: Trial = await (
  task === 'measure' ? measure(name).then((rate) => ({ rate })) : openEngine(name).then(() => ({}))
).catch((error: unknown) => ({ error: reasonOf(error) }));
process.stdout.write(`${JSON.stringify(trial)}\n`, () => process.exit(0));
