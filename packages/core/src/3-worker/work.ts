import { misclassified, objectiveOf, tidyAsync, victimKinds, tf } from '@gauntlet/api';
import { loadEngines } from '../engines/load-engines.js';
import type { LoadedVictim, Outputs } from '../victims/loaded-victim.js';
import { attackChunk } from './attack-chunk.js';
import { examine } from './examine.js';
import type { OpenSettings } from './open-setting.js';
import { reexamine } from './reexamine.js';
import type { ChunkResult, ProbeResult, ProbeTask, Task, TaskResult } from './task.js';

/** Everything a worker can be asked to do; `opened` is what it keeps between tasks. */
export async function work<T extends Task>(task: T, opened: OpenSettings): Promise<TaskResult<T>> {
  return (await resultOf(task, opened)) as TaskResult<T>;
}

function resultOf(task: Task, opened: OpenSettings): Promise<ProbeResult | ChunkResult | undefined> {
  switch (task.kind) {
    case 'probe':
      return probe(task, opened);
    case 'chunk':
      return attackChunk(task, opened);
    case 'reexamine':
      return reexamine(task, opened);
    case 'open':
      return opened.open(task).then(() => undefined);
    case 'start':
      return loadEngines() as Promise<undefined>;
  }
}

async function probe({ differentiates, ...setting }: ProbeTask, opened: OpenSettings): Promise<ProbeResult> {
  const { victim, info, dataset, yardstick } = await opened.open(setting, true);
  const exact = differentiates && setting.victim.gradients !== 'estimated';
  if (exact) await tryGradient(victim);
  const started = performance.now();
  const examination = await examine(victim, setting.victim, dataset, exact);
  const examinedIn = (performance.now() - started) / 1000;
  const { imageShape, indices, classNames } = dataset;
  const { whole, samples } = await dataset.hashes();
  return {
    victim: info,
    dataset: {
      imageShape,
      indices: [...indices],
      classNames: classNames && [...classNames],
      hash: whole,
      sampleHashes: samples,
    },
    yardstick: yardstick?.name,
    examination,
    examinedIn,
  };
}

/** Compiles the gradient now: a model without one is an error of the spec, not of each sample. */
async function tryGradient(victim: LoadedVictim): Promise<void> {
  const { inputShape, bounds, kind } = victim.traits;
  const { hasClasses, output } = victimKinds[kind];
  const sum = (outputs: Outputs) => tf.sum(tf.reshape(outputs[output], [1, -1]), 1) as tf.Tensor1D;
  await tidyAsync(async () => {
    const x = tf.fill([1, ...inputShape], bounds[0]) as tf.Tensor4D;
    if (hasClasses) await victim.differentiate(x, objectiveOf(misclassified(Int32Array.of(0))));
    else await victim.differentiate(x, sum);
  });
}
