import type { Graph, Node } from '../model/graph.js';

/**
 * max pool(relu(x)) as relu(max pool(x)): the same numbers, and the same gradients, since a rectifier never changes which cell
 * of a window is the first largest one unless all of them come out as 0. It then has a fraction of the cells to go over,
 * forward and backward.
 */
export function poolFirst(graph: Graph): Graph {
  const uses = new Map<string, number>();
  const count = (name: string) => uses.set(name, (uses.get(name) ?? 0) + 1);
  graph.outputs.forEach(({ name }) => count(name));
  graph.nodes.forEach(({ inputs }) => inputs.forEach(count));
  const rectifiers = new Map(
    graph.nodes
      .filter(({ op, domain }) => op === 'Relu' && domain === '')
      .map((node) => [node.outputs[0], node]),
  );
  const moved = new Set<Node>();
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const relu = rectifiers.get(node.inputs[0]);
    const alone = relu && node.op === 'MaxPool' && node.domain === '' && node.outputs.length === 1;
    if (!alone || uses.get(relu.outputs[0]) !== 1) return [node];
    moved.add(relu);
    const [output] = node.outputs;
    const pooled = `${output}~pooled`;
    return [
      { ...node, inputs: [relu.inputs[0]], outputs: [pooled] },
      { ...relu, inputs: [pooled], outputs: [output] },
    ];
  });
  return { ...graph, nodes: nodes.filter((node) => !moved.has(node)) };
}
