import { OnnxGradientError } from '../errors.js';
import { normalize } from './normalize.js';
import type { Graph } from '../model/graph.js';

/**
 * Whether a size of some value cannot be inferred from those of the inputs, or which branch of a choice is taken: a
 * `shapeProbe` then tells.
 */
export function hasOpenSizes(graph: Graph): boolean {
  let normal;
  try {
    normal = normalize(graph);
  } catch (error) {
    if (error instanceof OnnxGradientError && error.code === 'operator-unsupported') return true;
    throw error;
  }
  const symbols = new Set(
    graph.inputs.flatMap(({ dims }) => (dims ?? []).filter((size) => typeof size === 'string')),
  );
  const followsInputs = (size: number | string) =>
    typeof size === 'number' || size.split('·').every((part) => symbols.has(part) || /^\d+$/.test(part));
  return normal.graph.nodes.some((node) =>
    node.outputs.some((name) => name !== '' && !normal.types.dims(name)?.every(followsInputs)),
  );
}
