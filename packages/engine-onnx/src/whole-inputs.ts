import { Attributes, type Graph, type Value } from '@gauntlet/onnx-gradient';

/** Operations that move numbers and do not change them. */
const moving = ['Identity', 'Transpose', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Slice', 'Pad'];

/**
 * A graph that takes whole numbers as one that takes real ones, with the casts that make them real taken out: what lies between
 * whole numbers is what the graph makes of it. Undefined where something else is done with the whole numbers first.
 */
export function withRealInput(graph: Graph, { name }: Value): Graph | undefined {
  const real = new Set([name]);
  const nodes: Graph['nodes'][number][] = [];
  for (const node of graph.nodes) {
    if (!node.inputs.some((each) => real.has(each))) {
      nodes.push(node);
      continue;
    }
    const to = node.attributes.int('to', 0);
    if (node.op === 'Shape') nodes.push(node);
    else if (node.op === 'Cast' && to === 1)
      nodes.push({ ...node, op: 'Identity', attributes: Attributes.of({}) });
    else if (node.op === 'Cast' && [10, 11, 16].includes(to)) nodes.push(node);
    else if (moving.includes(node.op) && real.has(node.inputs[0])) {
      nodes.push(node);
      node.outputs.forEach((each) => real.add(each));
    } else return undefined;
  }
  return { ...graph, nodes };
}
