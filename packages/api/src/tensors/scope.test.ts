import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { tidyAsync } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';

beforeAll(async () => {
  await openEngine('tfjs:cpu');
});

/** The result of a scope in which five tensors more are made, and how many tensors are left of all. */
async function scoped<T>(work: () => T): Promise<{ result: T; left: number }> {
  const before = tf.memory().numTensors;
  const result = await tidyAsync(async () => {
    for (let i = 0; i < 5; i++) tf.scalar(i);
    return work();
  });
  return { result, left: tf.memory().numTensors - before };
}

class Session {
  readonly inside = tf.scalar(1);
}

describe('a scope', () => {
  it('gives back tensors in plain objects and arrays, at any depth, beside other values', async () => {
    const { result, left } = await scoped(() => ({
      a: tf.scalar(3),
      more: [tf.scalar(4), { b: tf.scalar(5) }, 'x'],
      n: 2,
    }));
    expect(left).toBe(3);
    expect(await result.a.data()).toEqual(Float32Array.of(3));
    tf.dispose(result as never);
  });

  it.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['a number', () => 7],
    ['rows of numbers', () => new Float32Array(9)],
  ])('gives back %s', async (_, make) => {
    const { result, left } = await scoped(make);
    expect([result, left]).toEqual([make(), 0]);
  });

  it('gives back an object of a class as it is; its tensors are its own business', async () => {
    const { result, left } = await scoped(() => new Session());
    expect(result).toBeInstanceOf(Session);
    expect([left, result.inside.isDisposed]).toEqual([0, true]);
  });

  it('disposes everything where the work fails', async () => {
    const before = tf.memory().numTensors;
    const work = async () => {
      tf.scalar(1);
      throw new Error('no');
    };
    await expect(tidyAsync(work)).rejects.toThrow('no');
    expect(tf.memory().numTensors).toBe(before);
  });
});
