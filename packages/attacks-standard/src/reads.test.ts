import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ChunkTask, OpenSettings, work } from '@gauntlet/core';
import { digitsTask } from './digits-task.test-support.js';

/** An epsilon so small that all samples hold, so that nothing is kept as better. */
const pgdTask = (steps: number, epsilon = 1e-6): ChunkTask =>
  digitsTask(
    'pgd',
    {
      norm: 'linf',
      epsilon,
      steps,
      stepSize: null,
      randomStart: false,
      restarts: 1,
      loss: 'ce',
      keepImproving: true,
    },
    6,
  );

/** Reads of the device in a chunk, images that are better than the best so far left out. */
async function reads(task: ChunkTask): Promise<number> {
  const data = vi.spyOn(tf.Tensor.prototype, 'data');
  await work(task, new OpenSettings());
  const count = data.mock.contexts.filter((tensor) => (tensor as tf.Tensor).rank < 4).length;
  data.mockRestore();
  return count;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a step of PGD', () => {
  it('reads the device twice: the attack for its values, the host for its look at the victim', async () => {
    await work(pgdTask(1), new OpenSettings());
    const [few, many] = [await reads(pgdTask(3)), await reads(pgdTask(13))];
    expect((many - few) / 10).toBe(2);
  });

  it('uploads the clean batch once for all steps', async () => {
    const uploads = async (steps: number) => {
      const made = vi.spyOn(tf.engine(), 'makeTensor');
      await work(pgdTask(steps), new OpenSettings());
      const images = made.mock.calls.filter(([, shape]) => shape.length === 4);
      vi.restoreAllMocks();
      return images.length;
    };
    expect(await uploads(13)).toBe(await uploads(3));
  });

  it('leaves no tensors behind, whether samples hold or break and leave the batch', async () => {
    // What a worker has opened stays with it.
    const opened = new OpenSettings();
    for (const epsilon of [1e-6, 0.15]) {
      await work(pgdTask(5, epsilon), opened);
      const before = tf.memory().numTensors;
      await work(pgdTask(5, epsilon), opened);
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  // Of a pass the host's read is the first and the attack's the second; the last pass is number 9.
  it.each([1, 3, 17])(
    'fails the samples and says why where the host cannot read (read %i)',
    async (which) => {
      const data = Reflect.get(tf.Tensor.prototype, 'data') as (this: tf.Tensor) => Promise<never>;
      let reads = 0;
      vi.spyOn(tf.Tensor.prototype, 'data').mockImplementation(async function (this: tf.Tensor) {
        const values = this.rank === 2 && this.shape[0] <= 3 && this.shape[1] === 6;
        if (values && ++reads === which) throw new Error('the device is gone');
        return data.call(this);
      });
      const { outcomes } = await work(pgdTask(8), new OpenSettings());
      expect(outcomes.map(({ reason }) => reason)).toEqual(
        outcomes.map(() => 'the attack pgd failed: the device is gone'),
      );
    },
  );
});
