import {
  Builder,
  cotangentOf,
  gradientOf,
  graphProto,
  type Graph,
  prune,
  type Value,
  withGradients,
} from '@gauntlet/onnx-gradient';
import { float, graphOf, renamed } from '../../graph.js';
import { beta1, beta2, floor, sumEpsilon } from '../adam.js';
import type { Marginals } from '../donsker-varadhan.js';
import { turned } from './critics.js';
import type { WrittenCritic, WrittenSampling } from './written.js';

export interface MineShape {
  critic: WrittenCritic;
  sampling: WrittenSampling;
  marginals: Marginals;
  /** Sizes without the batch, as the graph holds them. */
  parameters: readonly (readonly number[])[];
  u: readonly number[];
  state: Readonly<Record<string, readonly number[]>>;
  /** Learning rate of each parameter. */
  rates: readonly number[];
}

export const theta = (i: number) => `theta${i}`;
export const first = (i: number) => `first${i}`;
export const second = (i: number) => `second${i}`;
/** What training leaves of a parameter or moment. */
export const next = (name: string) => `${name}:next`;
/** All rows of the batch: n·K. */
export const seed = cotangentOf('value');

/** relu(a + c)·v for matching rows: [n,K]. */
function score(g: Builder, a: string, c: string, head: string): string {
  return g.op('Squeeze', [g.op('MatMul', [g.op('Relu', [g.add(a, c)]), head]), g.ints([-1])]);
}

/** Donsker–Varadhan as in `donsker-varadhan.ts`, of the parameters with these names: [n] in nats. */
function information(
  g: Builder,
  { critic, sampling, parameters, marginals, u }: MineShape,
  v: string,
  names: readonly string[],
): string {
  const head = names[names.length - 1];
  const units = parameters[parameters.length - 1][0];
  const k = sampling.columns ? u[1] : u[0];
  // ONNX Runtime multiplies with what is turned without turning it.
  const columns = (samples: string) => (sampling.columns ? samples : turned(g, samples));
  const a = critic.left(g, columns('u'), names);
  const c = critic.right(g, columns(v), names);
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

/**
 * Steps of ascent on Θ with Adam, and then the estimate with its gradient for the perturbed part.
 * Inputs: `u`, `part` and what the sampling needs beside it; parameters and moments; `corrections` [steps], which are Adam's,
 * and `orders` [steps + 1, n·K] where the marginals are shuffled. Outputs: `value` [n], `gradient:part`, and the next
 * parameters and moments.
 */
export function mineGraph(shape: MineShape): Graph {
  const { sampling, state, parameters } = shape;
  const moving = movingValues(shape);
  const given = [
    float('u', ['n', ...shape.u]),
    float('part', ['n', ...sampling.part]),
    ...Object.entries(state).map(([name, dims]) => float(name, ['n', ...dims])),
  ];
  const trained = parameters.map((dims, i) => float(next(theta(i)), ['n', ...dims]));
  const estimate = estimateGraph(shape, [...given, ...trained], (g) => {
    g.node('Identity', [sampling.v(g, 'part')], ['v']);
    return 'v';
  });
  const whole = withGradients(estimate, { inputs: ['part'] });
  const g = new Builder([...whole.constants.keys(), ...whole.nodes.flatMap(({ outputs }) => outputs)]);
  const body = stepGraph(shape, moving);
  const steps = g.op('Size', ['corrections']);
  g.node(
    'Loop',
    [steps, '', ...moving.map(({ name }) => name)],
    moving.map(({ name }) => next(name)),
    {
      body: { graph: graphProto(body) },
    },
  );
  if (shuffled(shape)) g.node('Gather', ['orders', steps], ['order']);
  const outer = whole.inputs.filter(({ name }) => name !== 'order' && !trained.some((t) => t.name === name));
  const inputs = [...outer, ...moving, float('corrections', ['steps']), ...(shuffled(shape) ? [orders] : [])];
  // The loop's body takes `v` from around it.
  const ahead = new Set(prune(whole, ['v']).nodes);
  return {
    ...whole,
    inputs,
    outputs: [...whole.outputs, ...moving.map(({ name, dims }) => float(next(name), dims!))],
    nodes: [...ahead, ...g.nodes, ...whole.nodes.filter((node) => !ahead.has(node))],
    constants: new Map([...whole.constants, ...g.constants]),
  };
}

const shuffled = ({ marginals }: MineShape): boolean => marginals === 'shuffle';
const orders: Value = { name: 'orders', type: 'int64', dims: ['draws', 'rows'] };

/** Parameters and moments. */
const movingValues = ({ parameters }: MineShape): Value[] =>
  [theta, first, second].flatMap((name) => parameters.map((dims, i) => float(name(i), ['n', ...dims])));

/** The estimate: `value` [n], of the samples v that `write` gives. */
function estimateGraph(shape: MineShape, values: Value[], write: (g: Builder) => string): Graph {
  const order: Value = { name: 'order', type: 'int64', dims: ['rows'] };
  const inputs = [...values, ...(shuffled(shape) ? [order] : [])];
  const g = new Builder(['v', 'value', ...inputs.map(({ name }) => name)]);
  const names = inputs.map(({ name }) => name).filter((name) => name.startsWith('theta'));
  g.node('Identity', [information(g, shape, write(g), names)], ['value']);
  return graphOf(g, inputs, [float('value', ['n'])]);
}

/** The body of the loop: one step of ascent. `u`, `v` and what comes for all steps are values around it. */
function stepGraph(shape: MineShape, moving: readonly Value[]): Graph {
  const sides = ['u', 'v'].map((name) => float(name, ['n', ...shape.u]));
  const parameters = moving.slice(0, shape.parameters.length);
  const graph = withGradients(
    estimateGraph(shape, [...sides, ...parameters], () => 'v'),
    { inputs: parameters.map(({ name }) => name) },
  );
  const g = new Builder([...graph.constants.keys(), ...graph.nodes.flatMap(({ outputs }) => outputs)]);
  if (shuffled(shape)) g.node('Gather', ['orders', 'iteration'], ['order']);
  const ahead = g.nodes.splice(0);
  const made = ascent(g, shape);
  g.node('Identity', ['going'], ['on']);
  const body: Graph = {
    ...graph,
    inputs: [
      { name: 'iteration', type: 'int64', dims: [] },
      { name: 'going', type: 'bool', dims: [] },
      ...moving,
    ],
    outputs: [
      { name: 'on', type: 'bool', dims: [] },
      ...moving.map(({ name, dims }) => float(made.get(name)!, dims!)),
    ],
    nodes: [...ahead, ...graph.nodes, ...g.nodes],
    constants: new Map([...graph.constants, ...g.constants]),
  };
  // Names of values around the loop must not be made again within it.
  return renamed(body, (name) => (around.has(name) ? name : `step:${name}`));
}

const around = new Set(['u', 'v', 'orders', 'corrections', seed]);

/** Adam on every parameter, with the gradients of `withGradients`; gives the name of what each moving value becomes. */
function ascent(g: Builder, { parameters, rates }: MineShape): Map<string, string> {
  const scalar = (value: number) => g.scalar(value, 'float32');
  const correction = g.op('Gather', ['corrections', 'iteration']);
  const made = new Map<string, string>();
  parameters.forEach((_, i) => {
    const gradient = g.add(gradientOf(theta(i)), scalar(floor));
    const m = g.add(g.mul(first(i), scalar(beta1)), gradient);
    const v = g.add(g.mul(second(i), scalar(beta2)), g.mul(gradient, gradient));
    const direction = g.div(m, g.add(g.op('Sqrt', [v]), scalar(sumEpsilon)));
    const step = g.mul(direction, g.mul(correction, scalar(rates[i])));
    made
      .set(theta(i), g.add(theta(i), step))
      .set(first(i), m)
      .set(second(i), v);
  });
  return made;
}
