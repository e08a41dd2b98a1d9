import { type Graph, normalize } from '@gauntlet/onnx-gradient';
import { names } from './names.js';

interface Sizes {
  bytesPerSample: number;
  /** Numbers in the output of a sample, where the graph tells. */
  width?: number;
}

/** Bytes: every value of one sample once forward and once backward, an upper bound, since runtimes reuse memory. */
export function sizesOf(graph: Graph): Sizes {
  // Control flow is neither normalised nor differentiated.
  if (graph.nodes.some((node) => node.attributes.hasGraph)) return { bytesPerSample: 16 * 2 ** 20 };
  const { graph: whole, types } = normalize(graph);
  const size = (name: string) =>
    (types.dims(name) ?? []).reduce<number>((total, dim) => total * (typeof dim === 'number' ? dim : 1), 4);
  const bytesPerSample = 2 * whole.nodes.reduce((sum, node) => sum + size(node.outputs[0]), 0);
  const known = types
    .dims(names.output)
    ?.slice(1)
    .every((dim) => typeof dim === 'number');
  return { bytesPerSample, width: known ? size(names.output) / 4 : undefined };
}
