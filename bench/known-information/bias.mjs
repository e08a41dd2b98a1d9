// What each estimator gives for laws whose mutual information is known (`tasks.json`), beside the truth: mean over draws of
// as many pairs as an image has positions. Writes bench/results/estimators.md.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { Stream } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';
import builtIn, { estimateOnce, mine } from '@gauntlet/mutual-information';
import { drawTask } from './laws.mjs';

const [pairs, draws] = [900, 3];
const { source, tasks } = JSON.parse(readFileSync(path.join(import.meta.dirname, 'tasks.json'), 'utf8'));

/** One of the referee's estimators, with its defaults but for `params`: all draws of a task as a batch. */
async function yardstick(name, params) {
  const plugin = builtIn.find((one) => one.name === name);
  const defaults = Object.entries(plugin.params.properties).map(([key, { default: value }]) => [key, value]);
  const opened = await plugin.open({ ...Object.fromEntries(defaults), ...params });
  return (blocks) => opened.estimate(blocks.u, blocks.v);
}

/** An attack's own: MINE on positions, 200 steps as in the tests. */
async function minePositions({ u, v }) {
  const view = ({ data, n, positions, channels }) => {
    const side = Math.sqrt(positions);
    const features = tf.tensor4d(data, [n, side, side, channels]);
    return { x: features, features, preactivation: features };
  };
  const streams = Array.from({ length: u.n }, (_, i) => new Stream('mine', i));
  const values = await estimateOnce(mine({ network: 'positions' }), view(u), view(v), streams, 200);
  return values.data();
}

await openEngine('tfjs:wasm');
const estimators = [
  ['gaussian', await yardstick('gaussian')],
  ['ksg, all channels', await yardstick('ksg', { components: null })],
  ['info-nce', await yardstick('info-nce')],
  ['MINE, positions', minePositions],
];
const seconds = estimators.map(() => 0);
const rows = [];
for (const task of tasks) {
  const size = pairs * task.dimension;
  const block = () => ({
    data: new Float32Array(draws * size),
    n: draws,
    positions: pairs,
    channels: task.dimension,
  });
  const blocks = { u: block(), v: block() };
  for (let i = 0; i < draws; i++) {
    const drawn = drawTask(task, pairs, new Stream('known', task.id, i));
    for (const side of ['u', 'v']) blocks[side].data.set(drawn[side], i * size);
  }
  const cells = [];
  for (const [i, [, estimate]] of estimators.entries()) {
    const before = process.cpuUsage();
    const values = Array.from(await estimate(blocks));
    const { user, system } = process.cpuUsage(before);
    seconds[i] += (user + system) / 1e6;
    const mean = values.reduce((a, b) => a + b, 0) / draws;
    const spread = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / (draws - 1));
    const bias = mean - task.information;
    const shown = `${bias >= 0 ? '+' : '−'}${Math.abs(bias).toFixed(2)} ± ${spread.toFixed(2)}`;
    cells.push(Math.abs(bias) > Math.max(0.1, 0.2 * task.information) ? `**${shown}**` : shown);
  }
  rows.push(`| ${task.id} | ${task.dimension} | ${task.information.toFixed(3)} | ${cells.join(' | ')} |`);
  console.log(rows.at(-1));
}
const perImage = seconds.map((all) => ((1000 * all) / (tasks.length * draws)).toFixed(0));
writeFileSync(
  path.join(import.meta.dirname, '../results/estimators.md'),
  `# Estimators where the truth is known

\`node bench/estimators.mjs --bias\`: tasks and true values of ${source}, ${pairs} pairs of channel vectors each (an image has
about as many positions), ${draws} draws. Estimate minus truth in nats, ± the standard deviation over draws; bold where it is off by more than
0.1 nats and more than a fifth of the truth.

| task | channels | truth | ${estimators.map(([name]) => name).join(' | ')} |
|---|---:|---:|${'---:|'.repeat(estimators.length)}
${rows.join('\n')}
| CPU milliseconds an image | | | ${perImage.join(' | ')} |
`,
);
process.exit(0);
