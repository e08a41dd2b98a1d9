import type { Dim } from '../model/graph.js';
import type { Inference } from './types.js';

/** The type of an input, for an output of the same. */
export const type = (c: Inference, i: number) => c.types.get(c.node.inputs[i] ?? '')?.type;

export const like = (c: Inference, dims: readonly Dim[] | undefined, from = 0) => ({
  type: type(c, from),
  dims,
});
