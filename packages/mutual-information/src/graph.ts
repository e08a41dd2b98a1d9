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
