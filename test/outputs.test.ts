// Files whose output, or whose attacked input, the spec has to name.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { Stream } from '@gauntlet/api';
import { npzBytes } from '@gauntlet/core';
import { gauntlet, readReport, temporary, writeSpec } from './support/cli.js';
import { input, writeOnnx } from './support/onnx-file.js';

const folder = temporary('outputs');
const [n, size, classes] = [9, 16, 3];

/** Class k where the k-th third of the pixels is brightest; `gain` is a second input. */
function model(): string {
  const inputs = [...input('batch', 1, 4, 4), { ...input('batch', 1)[0], name: 'gain' }];
  return writeOnnx(path.join(folder, 'model.onnx'), inputs, (g) => {
    const weight = Float32Array.from({ length: size * classes }, (_, i) =>
      Math.floor(i / classes) % classes === i % classes ? 1 : 0,
    );
    const z = g.op('MatMul', [g.op('Flatten', ['input']), g.filled('float32', [size, classes], weight)]);
    g.node('Mul', [z, 'gain'], ['logits']);
    g.node('ArgMax', ['logits'], ['label'], { axis: 1, keepdims: 0 });
    return [
      { name: 'label', type: 'int64', dims: ['batch'] },
      { name: 'logits', type: 'float32', dims: ['batch', classes] },
    ];
  });
}

function dataset() {
  const stream = new Stream('outputs');
  const labels = Int32Array.from({ length: n }, (_, i) => i % classes);
  const images = Float32Array.from({ length: n * size }, (_, i) =>
    (i % size) % classes === labels[Math.floor(i / size)] ? 0.6 : stream.uniform(0.3, 0.5),
  );
  const file = path.join(folder, 'data.npz');
  writeFileSync(file, npzBytes({ x: { shape: [n, 4, 4], data: images }, y: { shape: [n], data: labels } }));
  return { format: 'npz', file };
}

async function run(name: string, attacks: object[], victim: object) {
  const spec = writeSpec(
    folder,
    attacks,
    {
      victim: { name, model: model(), kind: 'classifier', bounds: [0, 1], engine: 'onnx:cpu', ...victim },
      dataset: dataset(),
    },
    `${name}.robust.json`,
  );
  const output = path.join(folder, name);
  return { ...(await gauntlet('run', spec, '-j', '0', '--output', output)), output };
}
const boundary = { use: 'hop-skip-jump', params: { norm: 'l2', queries: 200 } };
const pgd = { use: 'pgd', params: { epsilon: 0.2, steps: 5, restarts: 1 } };

it('the scores of a model with labels beside them and a second input are attacked', async () => {
  const { code, stderr, output } = await run('scores', [pgd, boundary], { inputs: { gain: 2 } });
  expect([code, stderr]).toEqual([0, '']);
  for (const { metrics, attack } of readReport(output).cells)
    expect([metrics.cleanAccuracy!.value, metrics.asr!.value], attack).toEqual([1, 1]);
});

it('its labels alone are attacked by decisions, and refused to an attack with gradients before it runs', async () => {
  const labels = { inputs: { gain: 2 }, output: { name: 'label', is: 'labels', classes } };
  const { code, stderr, output } = await run('labels', [boundary], labels);
  expect([code, stderr]).toEqual([0, '']);
  expect(readReport(output).cells[0].metrics.asr!.value).toBe(1);
  const refused = await run('refused', [pgd, boundary], labels);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/labels alone, which have no gradient\. Attack it with hop-skip-jump/);
});

it('what the spec says of them is checked', async () => {
  expect((await run('lacking', [boundary], {})).stderr).toMatch(/one of them is attacked/);
  const half = { inputs: { gain: 2 }, output: { is: 'labels' } };
  expect((await run('half', [boundary], half)).stderr).toMatch(/"is: labels" and "classes" .* go together/);
  const none = { inputs: { gain: 2 }, output: 'probs' };
  expect((await run('none', [boundary], none)).stderr).toMatch(/no output "probs".*label, logits/);
});
