import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { classifiedAs, type GoalSource, misclassified } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';
import { fgsm, pgd } from './index.js';
import { ascendsGoal, assertClasses, type Loss, lossOf, type LossName, towards } from './losses.js';

beforeAll(() => openEngine('tfjs:cpu'));

it('the loss of a goal that engines know by name is known by name, with the other sign', async () => {
  const labels = Int32Array.of(0, 2);
  const goal = () => misclassified(labels);
  const loss = lossOf('goal', { labels, goal, goalSource: 'standard' }, [0, 1]);
  expect(loss.labelLoss).toMatchObject({
    name: 'margin',
    sign: misclassified(labels).labelLoss!.sign === 1 ? -1 : 1,
  });
  // Of a goal with a target, too, whose sign is the other one.
  const aimed = () => classifiedAs(labels);
  const towardsIt = lossOf('goal', { labels, goal: aimed, goalSource: 'standard' }, [0, 1]);
  expect([towardsIt.labelLoss!.sign, aimed().labelLoss!.sign].sort()).toEqual([-1, 1]);
  expect(towardsIt.labelLoss!.sign).not.toBe(loss.labelLoss!.sign);
  const logits = tf.tensor2d([3, 1, 0, 0, 5, 1], [2, 3]);
  expect([...(await loss({ logits }).data())]).toEqual([-2, 4]);
  const unknown = () => ({ ...goal(), labelLoss: undefined });
  expect(lossOf('goal', { labels, goal: unknown, goalSource: 'spec' }, [0, 1]).labelLoss).toBeUndefined();
});

describe('a loss', () => {
  /** Two samples of five classes; the first is sure of class 0. */
  const logits = () => tf.tensor2d([4, 1, 2, 0, -1, 1, 3, 2.5, 0, -2], [2, 5]);
  const labels = Int32Array.of(9, 0, 1);
  const goal = (rows: readonly number[]) => misclassified(Int32Array.from(rows, (row) => labels[row]!));
  /** Of rows 1 and 2 of a batch of three. */
  const of = (name: LossName, targets?: Int32Array, goalSource: GoalSource = 'standard') =>
    lossOf(name, { labels, targets, goal, goalSource }, [1, 2]);
  const values = async (loss: Loss) => [...(await loss({ logits: logits() }).data())];
  const near = (expected: number[]) => expected.map((value) => expect.closeTo(value, 5) as number);
  const logSum = (row: number[]) => Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0));
  const sums = [logSum([4, 1, 2, 0, -1]), logSum([1, 3, 2.5, 0, -2])] as const;
  const targets = Int32Array.of(9, 2, 0);

  it('is of the label: cross-entropy, margin, and the ratio of differences of logits', async () => {
    expect(await values(of('ce'))).toEqual(near([sums[0] - 4, sums[1] - 3]));
    expect(await values(of('margin'))).toEqual(near([-2, -0.5]));
    // Equation 6: −(z_y − max other) / (largest − third).
    expect(await values(of('dlr'))).toEqual(near([-2 / (4 - 1), -0.5 / (3 - 1)]));
  });

  it('is of the target, with the other sign, where there is one', async () => {
    expect(await values(of('ce', targets))).toEqual(near([2 - sums[0], 1 - sums[1]]));
    expect(await values(of('margin', targets))).toEqual(near([2 - 4, 1 - 3]));
    // Equation 7: (z_t − z_y) / (largest − ½ (third + fourth)).
    const ratios = [(2 - 4) / (4 - (1 + 0) / 2), (1 - 3) / (3 - (1 + 0) / 2)];
    expect(await values(of('dlr', targets))).toEqual(near(ratios));
    const [mine, theirs] = [Int32Array.of(0, 1), Int32Array.of(2, 0)];
    expect(await values(towards('dlr', mine, theirs))).toEqual(near(ratios));
    expect(await values(towards('margin', mine, theirs))).toEqual(near([-2, -2]));
  });

  it('has the gradient of the ratio with the ranks held', async () => {
    const gradient = tf.grad((z: tf.Tensor) => tf.sum(of('dlr')({ logits: z as tf.Tensor2D })))(logits());
    const found = [...(await gradient.data())];
    const h = 1e-2;
    const at = async (i: number, by: number) => {
      const moved = tf.add(
        logits(),
        tf.tensor2d(
          Float32Array.from({ length: 10 }, (_, k) => (k === i ? by : 0)),
          [2, 5],
        ),
      );
      const each = await of('dlr')({ logits: moved as tf.Tensor2D }).data();
      return each[0]! + each[1]!;
    };
    for (let i = 0; i < 10; i++)
      expect(found[i]).toBeCloseTo(((await at(i, h)) - (await at(i, -h))) / (2 * h), 2);
  });

  it('is the cross-entropy by default, and the criterion for a goal of the spec', async () => {
    expect(await values(of('auto'))).toEqual(await values(of('ce')));
    expect(await values(of('auto', undefined, 'spec'))).toEqual(near([-2, -0.5]));
    expect([ascendsGoal('auto', 'spec'), ascendsGoal('goal', 'standard')]).toEqual([true, true]);
    expect([ascendsGoal('auto', 'standard'), ascendsGoal('ce', 'spec')]).toEqual([false, false]);
  });

  it('of labels is known to engines by name, sign and classes', () => {
    expect(of('ce').labelLoss).toEqual({ name: 'ce', aim: Int32Array.of(0, 1), sign: 1 });
    expect(of('margin', targets).labelLoss).toEqual({ name: 'margin', aim: Int32Array.of(2, 0), sign: -1 });
    expect(of('dlr').labelLoss).toEqual({ name: 'dlr', aim: Int32Array.of(0, 1), sign: 1 });
    const led = { name: 'dlr-targeted', aim: Int32Array.of(0, 1), target: Int32Array.of(2, 0), sign: 1 };
    expect(of('dlr', targets).labelLoss).toEqual(led);
    expect(towards('margin', labels, targets).labelLoss).toBeUndefined();
  });

  it('of labels is refused for a goal of the spec, which it would not pursue', () => {
    const complaints = (loss: LossName, goalSource: GoalSource) =>
      [fgsm, pgd].map((attack) => attack.complaints!({ loss }, { goalSource }).map(({ path }) => path));
    expect(complaints('ce', 'spec')).toEqual([[['loss']], [['loss']]]);
    for (const [loss, source] of [
      ['ce', 'standard'],
      ['auto', 'spec'],
      ['goal', 'spec'],
    ] as const)
      expect(complaints(loss, source)).toEqual([[], []]);
    expect(pgd.complaints!({ loss: 'dlr' }, { goalSource: 'spec' })[0]!.message).toContain('"loss: dlr"');
  });

  it('needs as many classes as its ratio has logits', () => {
    expect(() => assertClasses('dlr', 2, false)).toThrow('needs 3 classes here, the victim has 2');
    expect(() => assertClasses('dlr', 3, true)).toThrow('needs 4 classes here');
    assertClasses('dlr', 3, false);
    assertClasses('dlr', 4, true);
    assertClasses('margin', 2, true);
  });
});
