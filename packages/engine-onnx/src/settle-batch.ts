import * as tf from '@tensorflow/tfjs-core';
import type { EngineModel } from '@gauntlet/api';
import type { VictimGraph } from './victim-graph.js';

/** Positions in a row of a model with open sizes are not known here. */
const known = (shape: readonly number[]) => shape.every((size) => size > 0);

/**
 * A model exported for a fixed batch was rewritten to take any: if two batches' worth of rows come out as they do
 * one batch at a time, it takes any. Otherwise it is run in loops of its own batch size, and says so.
 */
export async function settleBatch(
  victim: VictimGraph,
  open: (victim: VictimGraph) => EngineModel,
): Promise<EngineModel> {
  const { fixedBatch } = victim;
  if (fixedBatch === undefined) return open(victim);
  const free = open({ ...victim, fixedBatch: undefined });
  const x = tf.randomUniform([2 * fixedBatch, ...victim.inputShape], 0, 1, 'float32', 1);
  try {
    if (known(victim.inputShape) && (await rowsAgree(free, x, fixedBatch))) return free;
  } catch {
    // ONNX Runtime refuses shapes that do not fit.
  } finally {
    x.dispose();
  }
  free.dispose();
  const note = `The model takes ${fixedBatch} ${fixedBatch === 1 ? 'image' : 'images'} at a time and no more: it runs in a loop, slowly. Export it with a dynamic batch.`;
  return open({ ...victim, notes: [...victim.notes, note] });
}

async function rowsAgree(model: EngineModel, x: tf.Tensor, batch: number): Promise<boolean> {
  const all = await model.predict(x);
  const rest = [batch, ...x.shape.slice(1)];
  const zeros = x.shape.slice(1).map(() => 0);
  const second = tf.slice(x, [batch, ...zeros], rest);
  const alone = await model.predict(second);
  const expected = (await alone.data()) as Float32Array;
  const found = ((await all.data()) as Float32Array).subarray(-expected.length);
  tf.dispose([second, all, alone]);
  return (
    all.size === 2 * expected.length &&
    expected.every((value, i) => Math.abs(value - found[i]) <= 1e-4 * Math.max(1, Math.abs(value)))
  );
}
