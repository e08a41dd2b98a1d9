import assert from 'node:assert/strict';
import {
  type CriterionPlugin,
  flatRows,
  type Goal,
  isFor,
  type LabelSets,
  type ModelKind,
  modelKinds,
  predictFor,
  tidyAsync,
  tf,
} from '@gauntlet/api';
import { checkAgainst, CountedVictim, newLedger, openEngine } from '@gauntlet/core';
import type { ConformanceCase } from './conformance-row.js';
import { linearAutoencoder } from './linear-autoencoder.js';
import { linearEncoder } from './linear-encoder.js';
import { linearOracle, type LinearOracle } from './linear-victim.js';

export interface CriterionConformanceRow {
  criterion: CriterionPlugin;
  /** Options; defaults are filled in. */
  params?: Record<string, unknown>;
  /** What it is tried on; the criterion's own kind by default, a classifier for criteria of any. */
  victim?: ModelKind;
  /** Classes of the classifier, or labels of one that is multi-label (default 4). */
  classes?: number;
}

/** How far away the goal is, criteria are not asked. */
type Oracle = Omit<LinearOracle, 'optimum'>;

/**
 * The tests that every criterion has to pass, for any test runner:
 * `for (const { name, run } of criterionConformance(row)) it(name, run)`.
 */
export function criterionConformance(row: CriterionConformanceRow): ConformanceCase[] {
  const { criterion, classes = 4 } = row;
  const kind = row.victim ?? modelKinds.find((one) => isFor(criterion.victim, one))!;
  const oracles = {
    classifier: () => linearOracle(5, { classes }),
    autoencoder: () => linearAutoencoder(5),
    encoder: () => linearEncoder(5),
  };
  const test = (name: string, run: (oracle: Oracle, goal: Goal) => Promise<void>) => ({
    name: `${criterion.name}: ${name}`,
    run: async () => {
      await openEngine('tfjs:wasm');
      const oracle = oracles[kind]();
      await tidyAsync(async () => run(oracle, await open(row, oracle, classes)));
    },
  });
  return [
    test('gives one finite number per sample', async (oracle, goal) => {
      const values = await valuesOf(oracle, goal, [0, 1, 2, 3, 4]);
      assert.equal(values.length, 5);
      assert.ok(values.every(Number.isFinite), `the values are ${values.join(', ')}`);
    }),
    test('does not depend on the other samples of the batch, nor on their order', async (oracle, goal) => {
      const whole = await valuesOf(oracle, goal, [0, 1, 2, 3, 4]);
      const order = [3, 0, 4];
      const part = await valuesOf(oracle, goal, order);
      order.forEach((sample, i) => close(part[i], whole[sample], `sample ${sample} in another order`));
      for (const [sample, value] of whole.entries())
        close((await valuesOf(oracle, goal, [sample]))[0], value, `sample ${sample} alone`);
    }),
    test('gives the same number whenever it is asked', async (oracle, goal) => {
      const once = await valuesOf(oracle, goal, [1, 2]);
      assert.deepEqual(await valuesOf(oracle, goal, [1, 2]), once);
    }),
    test('has a finite gradient, which attacks descend', async ({ victim, images, shape }, goal) => {
      const rows = [0, 1, 2, 3, 4];
      const x = tf.tensor4d(images, [5, ...shape]);
      const { gradient } = await victim.differentiate(x, (outputs) => goal(rows).value(outputs));
      const sizes = await tf.sum(tf.abs(flatRows(gradient)), 1).data();
      assert.ok(
        sizes.every(Number.isFinite),
        `the gradient's sums of absolute values are ${sizes.join(', ')}`,
      );
    }),
  ];
}

async function open(
  { criterion, params = {} }: CriterionConformanceRow,
  { victim, images, labels, shape }: Oracle,
  width: number,
): Promise<Goal> {
  const options = structuredClone(params);
  assert.deepEqual(checkAgainst(criterion.params, options), [], 'the parameters are not valid');
  const counted = new CountedVictim(victim, newLedger(5));
  const x = tf.tensor4d(images.slice(), [5, ...shape]);
  const truth = criterion.multiLabel
    ? { labels: undefined, labelSets: await decisions(counted, x, width) }
    : { labels };
  const references = async (count: number) => ({
    images: tf.slice(x, 0, Math.min(5, count)),
    own: Int32Array.from({ length: 5 }, (_, i) => (i < count ? i : -1)),
  });
  const goal = await criterion.open({ victim: counted, x, ...truth, references, params: options });
  await counted.settle();
  return goal;
}

/** The labels that a victim says are true, of which it is then right. */
async function decisions(victim: CountedVictim, x: tf.Tensor4D, width: number): Promise<LabelSets> {
  const { logits } = await victim.predict(x);
  return { width, values: Uint8Array.from(await logits.data(), (z) => (z > 0 ? 1 : 0)) };
}

/** The criterion's values for some samples, at images that are slightly brighter than the clean ones. */
async function valuesOf(
  { victim, images, shape }: Oracle,
  goal: Goal,
  rows: readonly number[],
): Promise<Float32Array> {
  const all = tf.tensor4d(
    images.map((value) => value + 0.01),
    [5, ...shape],
  );
  const outputs = await predictFor('spec', victim, tf.gather(all, [...rows]));
  return (await goal(rows).value(outputs).data()) as Float32Array;
}

/** Engines may add in another order for another batch. */
function close(found: number, expected: number, what: string): void {
  const slack = 1e-4 * Math.max(1, Math.abs(expected));
  assert.ok(Math.abs(found - expected) <= slack, `${what}: ${found} instead of ${expected}`);
}
