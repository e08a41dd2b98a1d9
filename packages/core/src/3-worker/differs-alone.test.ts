import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { standardGoal } from '@gauntlet/api';
import { functionModel } from '@gauntlet/testing';
import { openEngine } from '../engines/open-engine.js';
import { LoadedVictim } from '../victims/loaded-victim.js';
import { differsAlone } from './differs-alone.js';
import { type AimedBatch, judge } from './judge.js';

beforeAll(() => openEngine('tfjs:cpu'));

const n = 30;
const shape: [number, number, number] = [1, 2, 1];
/** Margins from 0.05 to 1.5, row by row. */
const images = Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? 0.05 * (i / 2 + 1) : 0));
const labels = new Int32Array(n);
const batch: AimedBatch = {
  indices: [...labels.keys()],
  labels,
  clean: images,
  goal: standardGoal({ kind: 'classifier', labels }),
  goalSource: 'standard',
};

/** A victim whose logits are its input, changed by `change` with regard to the batch; and how often it saw one image. */
function victimOf(change: (logits: tf.Tensor2D) => tf.Tensor) {
  const seen = { alone: 0 };
  const model = functionModel(shape, (x) => {
    if (x.shape[0] === 1) seen.alone++;
    return { output: change(tf.reshape(x, [-1, 2])) };
  });
  const traits = { kind: 'classifier', inputShape: shape, bounds: [0, 2], classes: 2 } as const;
  const victim = new LoadedVictim(model, shape, { ...traits, outputScale: 'logits', preprocess: {} });
  const differing = async () => differsAlone(victim, images, batch, await judge(victim, images, batch));
  return { seen, differing };
}

describe('differsAlone', () => {
  it('looks at the rows nearest the decision, the first and the last, of a victim without batch effects', async () => {
    const { seen, differing } = victimOf((logits) => logits);
    expect([...(await differing())]).toEqual([]);
    expect(seen.alone).toBe(7);
  });

  it('looks at every row where the batch changes a number, and finds those far from the decision', async () => {
    const { seen, differing } = victimOf((logits) =>
      logits.shape[0] === 1 ? tf.mul(logits, [[-1, 1]]) : logits,
    );
    expect([...(await differing())]).toEqual([...labels.keys()]);
    expect(seen.alone).toBe(7 + n);
  });

  it('looks at every row that is close to the decision', async () => {
    const { seen, differing } = victimOf((logits) => tf.mul(logits, 0.01));
    expect((await differing()).size).toBe(0);
    expect(seen.alone).toBe(21);
  });

  it('counts a number that is not finite alone', async () => {
    const { differing } = victimOf((logits) => (logits.shape[0] === 1 ? tf.log(tf.neg(logits)) : logits));
    expect((await differing()).size).toBe(n);
  });
});
