import type { Dim } from '../graph/graph.js';
import type { Inference } from './infer.js';

/** The type of an input, for an output of the same. */
export const type = (c: Inference, i: number) => c.types.get(c.node.inputs[i] ?? '')?.type;

export const like = (c: Inference, dims: readonly Dim[] | undefined, from = 0) => ({
  type: type(c, from),
  dims,
});
