// MINE-UAE, 40 iterations × 20 training steps: a batch with the collapsed network beside the reference's network on two
// images (a single one is computed as two, so this is what one image costs), on one thread of the same engine.
//   node bench/mine-uae.mjs [model] [--images 200] [--engine onnx:cpu] [--no-reference]
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { builtInOf, inProcessHost, loadSpec, openDataset } from '@gauntlet/core';
import { cpus, tmpdir } from 'node:os';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    images: { type: 'string', default: '200' },
    engine: { type: 'string', default: 'onnx:cpu' },
    // The reference's network takes minutes, and hours where a processor plays the GPU.
    'no-reference': { type: 'boolean', default: false },
  },
});
const data = path.join(import.meta.dirname, '../../shared/data');
const real = path.join(data, 'models/mnist-conv-ae/model.json');
const model =
  positionals[0] ??
  (existsSync(real)
    ? real
    : path.join(import.meta.dirname, '../packages/zoo/models/digits-conv-ae/model.json'));
const zoo = import.meta.resolve('@gauntlet/zoo');
const uae = import.meta.resolve('@gauntlet/attacks-uae');
const images = path.join(data, 'mnist/train-images-idx3-ubyte.gz');
const spec = {
  victim: {
    name: 'v',
    model: path.resolve(model),
    kind: 'autoencoder',
    bounds: [0, 1],
    engine: values.engine,
  },
  dataset: existsSync(images) ? { format: 'idx', images } : { format: 'plugin', use: 'digits' },
  attacks: ['fast', 'paper'].map((similarity) => ({
    use: 'mine-uae',
    name: similarity,
    params: { similarity, rule: 'paper' },
  })),
};
const file = path.join(mkdtempSync(path.join(tmpdir(), 'gauntlet-bench-')), 'bench.robust.json');
writeFileSync(file, JSON.stringify(spec));
const builtIn = await builtInOf([uae, zoo]);
const { victims, attacks, dataset } = await loadSpec(file, { builtIn });
const { indices } = await openDataset(dataset, 0);

const host = inProcessHost();

/** Seconds for each image, in batches of a size. */
async function measure(attack, count, batch) {
  const task = { kind: 'chunk', victim: victims[0], attack, dataset, seed: 0 };
  let broken = 0;
  const started = performance.now();
  for (let from = 0; from < count; from += batch) {
    const chunk = indices.slice(from, Math.min(count, from + batch));
    const { outcomes } = await host.run({ ...task, indices: [...chunk] });
    broken += outcomes.filter(({ status }) => status === 'broken').length;
  }
  return { seconds: (performance.now() - started) / 1000 / count, asr: broken / count };
}

// Opens the model and compiles.
await host.run({
  kind: 'chunk',
  victim: victims[0],
  attack: { ...attacks[0], params: { ...attacks[0].params, iterations: 1 } },
  dataset,
  seed: 0,
  indices: [indices[0]],
});
const [fast, paper] = attacks;
const many = await measure(fast, Number(values.images), 100);
const one = values['no-reference'] ? undefined : await measure(paper, 2, 2);
console.log(`${path.basename(path.dirname(model))}, ${values.engine}, one thread, ${cpus()[0].model.trim()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}\n
| MINE-UAE, 40 iterations × 20 training steps | images a second | ratio |
|---|---:|---:|
${one ? `| reference network, per image | ${(1 / one.seconds).toPrecision(3)} | 1 |\n` : ''}| fast, ${values.images} images in batches of ${Math.min(100, Number(values.images))} (ASR ${(100 * many.asr).toFixed(1)} %) | ${(1 / many.seconds).toPrecision(3)} | ${one ? (one.seconds / many.seconds).toFixed(0) : '–'} |`);
