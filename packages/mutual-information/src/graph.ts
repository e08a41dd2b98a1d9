import type { Builder, Dim, Graph, Value } from '@gauntlet/onnx-gradient';

export const float = (name: string, dims: readonly Dim[]): Value => ({ name, type: 'float32', dims });

/** What a builder has written, as a graph with these inputs and outputs. */
export const graphOf = (g: Builder, inputs: Value[], outputs: Value[]): Graph => ({
  opset: 18,
  domains: new Map(),
  inputs,
  outputs,
  nodes: g.nodes,
  constants: g.constants,
  stated: new Map(),
});

/** The same graph with other names of its values. */
export function renamed(graph: Graph, name: (old: string) => string): Graph {
  const value = (each: Value) => ({ ...each, name: name(each.name) });
  const each = (names: readonly string[]) => names.map((old) => (old === '' ? '' : name(old)));
  return {
    ...graph,
    inputs: graph.inputs.map(value),
    outputs: graph.outputs.map(value),
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: each(node.inputs),
      outputs: each(node.outputs),
    })),
    constants: new Map([...graph.constants].map(([old, constant]) => [name(old), constant])),
  };
}
