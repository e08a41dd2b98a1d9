import {
  Builder,
  cotangentOf,
  gradientOf,
  type Graph,
  type Value,
  withGradients,
} from '@gauntlet/onnx-gradient';
import { float, graphOf } from '../../graph.js';
import { beta1, beta2, epsilon } from '../adam.js';
import type { Marginals } from '../donsker-varadhan.js';
import type { WrittenCritic, WrittenSampling } from './written.js';

export interface MineShape {
  critic: WrittenCritic;
  sampling: WrittenSampling;
  marginals: Marginals;
  /** Sizes without the batch. */
  parameters: readonly (readonly number[])[];
  u: readonly number[];
  state: Readonly<Record<string, readonly number[]>>;
  /** Learning rate of each parameter. */
  rates: readonly number[];
}

export const theta = (i: number) => `theta${i}`;
export const first = (i: number) => `first${i}`;
export const second = (i: number) => `second${i}`;
export const next = (name: string) => `${name}:next`;
/** All rows of the batch: n·K. */
export const seed = cotangentOf('value');

/** relu(a + c)·v for matching rows: [n,K]. */
function score(g: Builder, a: string, c: string, head: string): string {
  return g.op('Squeeze', [g.op('MatMul', [g.op('Relu', [g.add(a, c)]), head]), g.ints([-1])]);
}

/** Donsker–Varadhan as in `donsker-varadhan.ts`: [n] in nats. */
function information(g: Builder, { critic, parameters, marginals, u }: MineShape, v: string): string {
  const names = parameters.map((_, i) => theta(i));
  const head = names[names.length - 1];
  const units = parameters[parameters.length - 1][0];
  const k = u[0];
  const a = critic.left(g, 'u', names);
  const c = critic.right(g, v, names);
  const joint = g.mean(score(g, a, c, head), [1], 0);
  if (marginals === 'shuffle') {
    const flat = g.op('Reshape', [c, g.ints([-1, units])]);
    const shuffled = g.op('Reshape', [g.op('Gather', [flat, 'order']), g.ints([-1, k, units])]);
    const all = g.op('ReduceLogSumExp', [score(g, a, shuffled, head), g.ints([1])], { keepdims: 0 });
    return g.sub(joint, g.sub(all, g.scalar(Math.log(k), 'float32')));
  }
  const spread = (x: string, dims: number[]) => g.op('Reshape', [x, g.ints([-1, ...dims, units])]);
  const pairs = g.op('Relu', [g.add(spread(a, [k, 1]), spread(c, [1, k]))]);
  const scores = g.op('MatMul', [g.op('Reshape', [pairs, g.ints([-1, k * k, units])]), head]);
  const all = g.op('ReduceLogSumExp', [scores, g.ints([1, 2])], { keepdims: 0 });
  return g.sub(joint, g.sub(all, g.scalar(2 * Math.log(k), 'float32')));
}

const perturbedInputs = ({ sampling, state }: MineShape): Value[] => [
  float('part', ['n', ...sampling.part]),
  ...Object.entries(state).map(([name, dims]) => float(name, ['n', ...dims])),
];

/** The perturbed side's samples: inputs part and state; output `v` [n,K,D]. They stay the same while Θ is trained. */
export function samplesGraph(shape: MineShape): Graph {
  const inputs = perturbedInputs(shape);
  const g = new Builder(inputs.map(({ name }) => name));
  g.node('Identity', [shape.sampling.v(g, 'part')], ['v']);
  return graphOf(g, inputs, [float('v', ['n', ...shape.u])]);
}

/** The estimate: inputs u, theta, order, and `v` or what it is made from; output `value` [n]. */
function estimateGraph(shape: MineShape, from: 'part' | 'v'): Graph {
  const inputs = [
    float('u', ['n', ...shape.u]),
    ...(from === 'v' ? [float('v', ['n', ...shape.u])] : perturbedInputs(shape)),
    ...shape.parameters.map((dims, i) => float(theta(i), ['n', ...dims])),
    ...(shape.marginals === 'shuffle' ? [{ name: 'order', type: 'int64' as const, dims: ['rows'] }] : []),
  ];
  const g = new Builder(inputs.map(({ name }) => name));
  const v = from === 'v' ? 'v' : shape.sampling.v(g, 'part');
  g.node('Identity', [information(g, shape, v)], ['value']);
  return graphOf(g, inputs, [float('value', ['n'])]);
}

/** The estimate with its gradient for the perturbed part: outputs `value` and `gradient:part`. */
export const differentiateGraph = (shape: MineShape): Graph =>
  withGradients(estimateGraph(shape, 'part'), { inputs: ['part'] });

/** One step of ascent on Θ with Adam: outputs the next parameters and moments. `correction` is Adam's, [1]. */
export function trainGraph(shape: MineShape): Graph {
  const names = shape.parameters.map((_, i) => theta(i));
  const graph = withGradients(estimateGraph(shape, 'v'), { inputs: names });
  const taken = [...graph.constants.keys(), ...graph.nodes.flatMap(({ outputs }) => outputs)];
  const g = new Builder(taken);
  const scalar = (value: number) => g.scalar(value, 'float32');
  const moments: Value[] = [];
  const outputs: Value[] = [];
  shape.parameters.forEach((dims, i) => {
    const gradient = gradientOf(theta(i));
    const m = g.add(g.mul(first(i), scalar(beta1)), g.mul(gradient, scalar(1 - beta1)));
    const v = g.add(g.mul(second(i), scalar(beta2)), g.mul(g.mul(gradient, gradient), scalar(1 - beta2)));
    const scaled = g.mul(m, g.mul('correction', scalar(shape.rates[i])));
    const step = g.div(scaled, g.add(g.op('Sqrt', [v]), scalar(epsilon)));
    for (const [name, value] of [
      [theta(i), g.add(theta(i), step)],
      [first(i), m],
      [second(i), v],
    ]) {
      g.node('Identity', [value], [next(name)]);
      outputs.push(float(next(name), ['n', ...dims]));
    }
    moments.push(float(first(i), ['n', ...dims]), float(second(i), ['n', ...dims]));
  });
  return {
    ...graph,
    inputs: [...graph.inputs, ...moments, float('correction', [1])],
    outputs,
    nodes: [...graph.nodes, ...g.nodes],
    constants: new Map([...graph.constants, ...g.constants]),
  };
}
