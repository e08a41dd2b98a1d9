import { Builder, type Dim, type Graph, writeModel } from '@gauntlet/onnx-gradient';

/** The one input of most files: numbers called `input`. */
export const input = (...dims: readonly Dim[]): Graph['inputs'] => [{ name: 'input', type: 'float32', dims }];

/** A graph of what `build` adds to its inputs; `build` gives its outputs, or the name of the only one. */
export function onnxGraph(
  inputs: Graph['inputs'],
  build: (g: Builder) => string | Graph['outputs'],
  rest: Partial<Graph> = {},
): Graph {
  const g = new Builder(inputs.map(({ name }) => name));
  const output = build(g);
  const outputs: Graph['outputs'] = typeof output === 'string' ? [{ name: output, type: 'float32' }] : output;
  return {
    opset: 18,
    domains: new Map(),
    inputs,
    outputs,
    nodes: g.nodes,
    constants: g.constants,
    stated: new Map(),
    ...rest,
  };
}

/** Writes such a graph as an ONNX file, and gives its path. */
export function writeOnnx(file: string, ...graph: Parameters<typeof onnxGraph>): string {
  writeModel(onnxGraph(...graph), file);
  return file;
}
