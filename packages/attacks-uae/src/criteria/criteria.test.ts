import { beforeAll, expect, it } from 'vitest';
import { type CriterionPlugin, tf } from '@gauntlet/api';
import { CountedVictim, newLedger, openEngine } from '@gauntlet/core';
import { linearEncoder } from '../../../testing/src/linear-encoder.js';
import { contrastive } from './contrastive.js';
import { nearestOther } from './nearest-other.js';
import { viewSimilarity } from './view-similarity.js';

const n = 4;
const shift = 2;

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

/** Embeddings of some images [k·d], on the host. */
async function embed({ victim, shape }: ReturnType<typeof linearEncoder>, images: Float32Array) {
  const { embedding } = await victim.predict(tf.tensor4d(images, [images.length / (6 * 6), ...shape]));
  return (await embedding.array()).map((row) => {
    const length = Math.hypot(...row);
    return row.map((value) => value / length);
  });
}

const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Images, others near to them, and the unit embeddings of both, of the other views and of the first three as references. */
async function scene() {
  const oracle = linearEncoder(n);
  const perturbed = oracle.images.map((value, i) => value + 0.05 * Math.sin(i));
  const moved = oracle.images.map((_, i, all) => {
    const [row, y, x] = [Math.floor(i / 36), Math.floor(i / 6) % 6, i % 6];
    return all[row * 36 + Math.max(0, y - shift) * 6 + Math.max(0, x - shift)]!;
  });
  const clean = await embed(oracle, oracle.images);
  const under = await embed(oracle, perturbed);
  const view = await embed(oracle, moved);
  return { oracle, perturbed, clean, under, view };
}

async function valuesOf(criterion: CriterionPlugin, params: object) {
  const { oracle, perturbed } = await scene();
  const x = tf.tensor4d(oracle.images, [n, ...oracle.shape]);
  const victim = new CountedVictim(oracle.victim, newLedger(n));
  const references = (count: number) =>
    Promise.resolve({ images: tf.slice(x, 0, count), own: Int32Array.of(0, 1, 2, -1) });
  const goal = await criterion.open({ victim, x, labels: undefined, references, params });
  const rows = [3, 0, 1];
  const picked = tf.gather(tf.tensor4d(perturbed, [n, ...oracle.shape]), rows);
  return {
    rows,
    values: await goal(rows)
      .value(await oracle.victim.predict(picked))
      .array(),
  };
}

it('contrastive: −log of the share of the other view, against references but itself, less the clean one', async () => {
  const { clean, under, view } = await scene();
  const temperature = 0.3;
  const loss = (z: number[], row: number) => {
    const positive = Math.exp(dot(z, view[row]!) / temperature);
    const others = [0, 1, 2].filter((k) => k !== row);
    const negative = others.reduce((sum, k) => sum + Math.exp(dot(z, clean[k]!) / temperature), 0);
    return -Math.log(positive / (positive + negative));
  };
  const { rows, values } = await valuesOf(contrastive, { temperature, references: 3, shift });
  expect(values).toEqual(
    rows.map((row) => expect.closeTo(loss(under[row]!, row) - loss(clean[row]!, row), 4) as number),
  );
});

it('view-similarity: 2 − 2 cos with the other view, less the clean one', async () => {
  const { clean, under, view } = await scene();
  const { rows, values } = await valuesOf(viewSimilarity, { shift });
  expect(values).toEqual(
    rows.map(
      (row) =>
        expect.closeTo(2 * dot(clean[row]!, view[row]!) - 2 * dot(under[row]!, view[row]!), 4) as number,
    ),
  );
});

it('nearest-other: the cosine with the other view less the largest with another image', async () => {
  const { clean, under, view } = await scene();
  const { rows, values } = await valuesOf(nearestOther, { references: 3, shift });
  const largest = (row: number) =>
    Math.max(...[0, 1, 2].filter((k) => k !== row).map((k) => dot(under[row]!, clean[k]!)));
  expect(values).toEqual(
    rows.map((row) => expect.closeTo(dot(under[row]!, view[row]!) - largest(row), 4) as number),
  );
});

it.each([
  [{ references: 1, shift: 1 }, /no other image to compare with/],
  [{ references: 3, shift: 6 }, /6 × 6 pixels cannot be moved by 6/],
])('says what is wrong with %j', async (params, message) => {
  await expect(valuesOf(nearestOther, params)).rejects.toThrow(message);
});
