import * as tf from '@tensorflow/tfjs-core';
import { tidyAsync } from '../tensors/scope.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import { attackChunk } from './attack-chunk.js';
import { openSetting } from './open-setting.js';
import type { ProbeResult, ProbeTask, Task, TaskResult } from './task.js';

/** Everything a worker can be asked to do. */
export async function work<T extends Task>(task: T): Promise<TaskResult<T>> {
  return (task.kind === 'probe' ? await probe(task) : await attackChunk(task)) as TaskResult<T>;
}

async function probe({ differentiates, ...setting }: ProbeTask): Promise<ProbeResult> {
  const { victim, info, dataset, yardstick } = await openSetting(setting);
  if (differentiates && setting.victim.gradients !== 'estimated') await tryGradient(victim);
  const { imageShape, indices, classNames } = dataset;
  return {
    victim: info,
    dataset: {
      imageShape,
      indices: [...indices],
      classNames: classNames && [...classNames],
      hash: dataset.hash(),
    },
    yardstick: yardstick?.name,
  };
}

/** Compiles the gradient now: a model without one is an error of the spec, not of each sample. */
async function tryGradient(victim: LoadedVictim): Promise<void> {
  const [h, w, c] = victim.traits.inputShape;
  await tidyAsync(async () => {
    await victim.differentiate(tf.fill([1, h, w, c], victim.traits.bounds[0]), (outputs) => {
      const output = victim.traits.kind === 'autoencoder' ? outputs.reconstruction : outputs.logits;
      return tf.sum(tf.reshape(output, [1, -1]), 1);
    });
  });
}
