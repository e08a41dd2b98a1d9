import { type Dim, nameOf, type Node } from '../model/graph.js';
import { inferences } from './inferences.js';
import type { Inference, Types } from './types.js';

/** Infers the outputs of a node whose inputs are known. What the file states fills the gaps. */
export function infer(types: Types, node: Node): void {
  const inference = node.domain === '' ? inferences[node.op] : undefined;
  const context: Inference = {
    node,
    types,
    in: (i) => types.dims(node.inputs[i] ?? ''),
    fresh: (axis, of = 0) => `${node.outputs[of] || nameOf(node)}.${axis}`,
  };
  const found = inference?.(context) ?? [];
  node.outputs.forEach((output, i) => {
    if (output === '') return;
    const inferred = found[i];
    const stated = types.stated(output);
    const known = types.known(output);
    if (known?.vector) types.setVector(output, known.vector);
    if (inferred === undefined && stated && !known) return;
    const untold = node.inputs.find((name) => name !== '' && types.dims(name) === undefined);
    types.setOrigin(output, (untold === undefined ? undefined : types.originOf(untold)) ?? node);
    const type = inferred?.type ?? stated?.type ?? types.get(node.inputs[0] ?? '')?.type ?? 'float32';
    types.set(output, { type, dims: known?.dims ?? mergeDims(inferred?.dims, stated?.dims) });
  });
}

/** An inferred symbol is worth less than a stated number. */
function mergeDims(inferred: readonly Dim[] | undefined, stated: readonly Dim[] | undefined) {
  if (!inferred || !stated || inferred.length !== stated.length) return inferred ?? stated;
  return inferred.map((dim, i) =>
    typeof dim === 'number' ? dim : typeof stated[i] === 'number' ? stated[i] : dim,
  );
}
