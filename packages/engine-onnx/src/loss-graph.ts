import type { LabelLoss } from '@gauntlet/api';
import { Builder, type Graph } from '@gauntlet/onnx-gradient';
import { names } from './names.js';

/** A number that no logit comes near, and that float32 adds without loss to the entries it is not meant for. */
const far = 1e9;

/** [n · classes] 1 at the class of each row. */
export function oneHot(aim: Int32Array, classes: number): Float32Array {
  const mask = new Float32Array(aim.length * classes);
  aim.forEach((a, row) => (mask[row * classes + a] = 1));
  return mask;
}

/** The graph with a loss [n] of its logits z for one class of each sample, which `names.aim` [n, classes] marks with a 1. */
export function withLoss(graph: Graph, name: LabelLoss['name'], classes: number): Graph {
  const g = new Builder([
    ...graph.constants.keys(),
    ...graph.inputs.map((input) => input.name),
    ...graph.nodes.flatMap((node) => node.outputs),
    ...Object.values(names),
  ]);
  const z = g.op('Reshape', [names.output, g.ints([-1, classes])]);
  const of = (values: string) => g.sum(g.mul(values, names.aim), [1], 0);
  if (name === 'ce') {
    // Not log Σ exp z − z_a: of confident samples only rounding errors would be left.
    g.node('Neg', [of(g.op('LogSoftmax', [z], { axis: 1 }))], [names.loss]);
  } else {
    const others = g.sub(z, g.mul(names.aim, g.scalar(far, 'float32')));
    g.node('Sub', [g.op('ReduceMax', [others, g.ints([1])], { keepdims: 0 }), of(z)], [names.loss]);
  }
  return {
    ...graph,
    inputs: [...graph.inputs, { name: names.aim, type: 'float32', dims: ['batch', classes] }],
    outputs: [...graph.outputs, { name: names.loss, type: 'float32', dims: ['batch'] }],
    nodes: [...graph.nodes, ...g.nodes],
    constants: new Map([...graph.constants, ...g.constants]),
  };
}
