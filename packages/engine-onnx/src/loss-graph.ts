import type { ErrorLoss, LabelLoss } from '@gauntlet/api';
import { Builder, cotangentOf, type Graph, prune, type Value } from '@gauntlet/onnx-gradient';
import { names } from './names.js';

/** A number that no logit comes near, and that float32 adds without loss to the entries it is not meant for. */
const far = 1e9;

/** [n · classes] What `names.aim` is fed: 1 at the class of each row, or −1 there and 1 at the one it is led to. */
export function weightsOf(loss: LabelLoss, classes: number): Float32Array {
  const weights = new Float32Array(loss.aim.length * classes);
  const isPair = loss.name === 'dlr-targeted';
  loss.aim.forEach((a, row) => (weights[row * classes + a] += isPair ? -1 : 1));
  if (isPair) loss.target.forEach((t, row) => (weights[row * classes + t] += 1));
  return weights;
}

type LossName = (LabelLoss | ErrorLoss)['name'];

/** The denominators of both ratios: what the largest logits count. */
const ranks = { dlr: [1, 0, -1], 'dlr-targeted': [1, 0, -0.5, -0.5] } as const;

/**
 * The graph with a loss [n] of its output of so many numbers a sample: of logits z for the classes of each sample to which
 * `names.aim` [n, width] gives a weight, or the error beside `names.target` [n, width], less `names.less` [n].
 */
export function withLoss(graph: Graph, name: LossName, width: number): Graph {
  const g = builderFor(graph);
  const z = g.op('Reshape', [names.output, g.ints([-1, width])]);
  const of = (values: string) => g.sum(g.mul(values, names.aim), [1], 0);
  const margin = () => {
    const others = g.sub(z, g.mul(names.aim, g.scalar(far, 'float32')));
    return g.sub(g.op('ReduceMax', [others, g.ints([1])], { keepdims: 0 }), of(z));
  };
  if (name === 'error') {
    const off = g.sub(names.target, z);
    g.node('Sub', [g.sum(g.mul(off, off), [1], 0), names.less], [names.loss]);
  } else if (name === 'ce') {
    // Not log Σ exp z − z_a: of confident samples only rounding errors would be left.
    g.node('Neg', [of(g.op('LogSoftmax', [z], { axis: 1 }))], [names.loss]);
  } else if (name === 'margin') g.node('Identity', [margin()], [names.loss]);
  else {
    const counts = ranks[name];
    const [largest, places] = [g.fresh('largest'), g.fresh('places')];
    g.node('TopK', [z, g.ints([counts.length])], [largest, places], { axis: 1 });
    const spread = g.sum(g.mul(largest, g.filled('float32', [1, counts.length], counts)), [1], 0);
    const ratio = [name === 'dlr' ? margin() : of(z), g.add(spread, g.scalar(1e-12, 'float32'))];
    g.node('Div', ratio, [names.loss]);
  }
  const inputs: Value[] =
    name === 'error'
      ? [perSample(names.target, width), perSample(names.less)]
      : [perSample(names.aim, width)];
  return {
    ...graph,
    inputs: [...graph.inputs, ...inputs],
    outputs: [...graph.outputs, perSample(names.loss)],
    nodes: [...graph.nodes, ...g.nodes],
    constants: new Map([...graph.constants, ...g.constants]),
  };
}

/**
 * A graph with a loss and gradients for its cotangent and that of `part`, with a `Penalty` in the place of both cotangents;
 * `sign` is the loss's. Its objective is an output.
 */
export function withPenalty(graph: Graph, sign: number, part?: string): Graph {
  const g = builderFor(graph);
  const zero = g.scalar(0, 'float32');
  const signed = g.mul(names.loss, g.scalar(sign, 'float32'));
  const positive = g.op('Relu', [g.add(signed, names.kappa)]);
  const weight = g.op('Relu', [g.add(names.base, g.mul(names.gain, positive))]);
  const slope = g.where(g.op('Greater', [positive, zero]), g.mul(weight, g.scalar(sign, 'float32')), zero);
  g.node('Identity', [slope], [cotangentOf(names.loss)]);
  const penalty = g.mul(weight, positive);
  if (part) {
    g.node('Mul', [names.inner, names.scale], [cotangentOf(part)]);
    const flat = (value: string) => g.op('Flatten', [value]);
    const inner = g.sum(g.mul(flat(cotangentOf(part)), flat(part)), [1], 0);
    g.node('Add', [penalty, inner], [names.objective]);
  } else g.node('Identity', [penalty], [names.objective]);
  // What is written here needs the loss, and the backward pass needs it.
  const ahead = new Set(prune(graph, [names.loss, ...(part ? [part] : [])]).nodes);
  const made = new Set(g.nodes.flatMap(({ outputs }) => outputs));
  const partType = graph.inputs.find(({ name }) => part && name === cotangentOf(part));
  return {
    ...graph,
    inputs: [
      ...graph.inputs.filter(({ name }) => !made.has(name)),
      perSample(names.base),
      ...[names.gain, names.kappa].map((name) => ({ name, type: 'float32', dims: [1] }) as const),
      ...(partType
        ? [{ ...partType, name: names.inner }, { name: names.scale, type: 'float32', dims: [1] } as const]
        : []),
    ],
    outputs: [...graph.outputs, perSample(names.objective)],
    nodes: [...ahead, ...g.nodes, ...graph.nodes.filter((node) => !ahead.has(node))],
    constants: new Map([...graph.constants, ...g.constants]),
  };
}

const perSample = (name: string, ...rest: number[]): Value => ({
  name,
  type: 'float32',
  dims: ['batch', ...rest],
});

/** Writes nodes whose values meet none of the graph's. */
const builderFor = (graph: Graph): Builder =>
  new Builder([
    ...graph.constants.keys(),
    ...graph.inputs.map((input) => input.name),
    ...graph.nodes.flatMap((node) => node.outputs),
    ...Object.values(names),
  ]);
