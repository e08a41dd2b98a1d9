import { infer } from './shapes/infer.js';
import { OnnxGradientError } from './errors.js';
import { Builder } from './graph/builder.js';
import { normalize } from './graph/normalize.js';
import { poolFirst } from './graph/pool-first.js';
import { isFloat } from './model/element-types.js';
import { type Graph, nameOf, type Node, prune, type Value } from './model/graph.js';
import { isStep, reachedFrom } from './reached.js';
import { rules } from './rules/index.js';
import { type Rule, RuleContext, type Target, wayOut } from './rules/rule.js';
import { straightThrough } from './rules/straight-through.js';
import type { Types } from './shapes/types.js';

export interface GradientOptions {
  /** Inputs to differentiate with respect to. Default: all inputs of a floating type. */
  inputs?: readonly string[];
  /** Values whose cotangents come in; any value of the graph, not only its outputs. Default: all outputs. */
  outputs?: readonly string[];
  /** Default `any`. */
  target?: Target;
  /** Steps (`steppedOperators`) pass gradients on as the identity does, instead of having none. Default: false. */
  straightThrough?: boolean;
}

/** Names of the values that a gradient adds. */
export const cotangentOf = (output: string): string => `cotangent:${output}`;
export const gradientOf = (input: string): string => `gradient:${input}`;

interface Built {
  /** Forward nodes, some with outputs added, and those that were written ahead of the backward pass. */
  forward: Graph;
  types: Types;
  backward: Builder;
  /** One per requested output. */
  cotangents: Value[];
  /** One per requested input. */
  gradients: Value[];
}

/**
 * A model that computes, beside its outputs, the gradients Σ_k ⟨cotangent_k, output_k⟩ with respect to inputs:
 * reverse-mode differentiation, weights constant. Adds the inputs `cotangent:<output>` and the outputs
 * `gradient:<input>`, each of the shape of its namesake.
 *
 * @throws OnnxGradientError `operator-unsupported`, `shape-unknown` or `no-gradient`.
 */
export function withGradients(model: Graph, options: GradientOptions = {}): Graph {
  const { forward, backward, cotangents, gradients } = build(model, options);
  const whole: Graph = {
    ...forward,
    inputs: [...forward.inputs, ...cotangents],
    outputs: [...forward.outputs, ...gradients],
    nodes: [...forward.nodes, ...backward.nodes],
    constants: new Map([...forward.constants, ...backward.constants]),
  };
  return {
    ...whole,
    ...prune(
      whole,
      whole.outputs.map(({ name }) => name),
    ),
  };
}

export interface SplitGradient {
  /** Outputs: the requested outputs and the values in `saved`. */
  forward: Graph;
  /** Inputs: cotangents and the values in `saved`. Outputs: gradients. */
  backward: Graph;
  /** Values that the forward pass hands to the backward pass. */
  saved: string[];
}

/**
 * The same as two models, for cotangents that depend on the outputs: the forward pass is run, the cotangents
 * are computed by whatever means, and the backward pass goes on from the values that the first one saved.
 */
export function splitGradients(model: Graph, options: GradientOptions = {}): SplitGradient {
  const { forward, types, backward, cotangents, gradients } = build(model, options);
  const wanted = new Set(options.outputs ?? model.outputs.map(({ name }) => name));
  const back: Graph = {
    ...forward,
    inputs: [],
    outputs: gradients,
    nodes: backward.nodes,
    constants: new Map([...forward.constants, ...backward.constants]),
  };
  const pruned = {
    ...back,
    ...prune(
      back,
      gradients.map(({ name }) => name),
    ),
  };
  const { local, moved } = shapesToForward(pruned.nodes, forward);
  const made = new Set([
    ...local.flatMap((node) => node.outputs),
    ...pruned.constants.keys(),
    ...cotangents.map(({ name }) => name),
  ]);
  const saved = [...new Set(local.flatMap((node) => node.inputs))].filter(
    (name) => name !== '' && !made.has(name),
  );
  const valueOf = (name: string): Value => ({ ...(types.get(name) ?? { type: 'int64' }), name });
  const ahead: Graph = { ...forward, nodes: [...forward.nodes, ...moved] };
  const outputs = [...new Set([...wanted, ...saved])].map(valueOf);
  const inputNames = new Set(forward.inputs.map(({ name }) => name));
  const given = outputs.filter(({ name }) => !inputNames.has(name));
  return {
    forward: {
      ...ahead,
      outputs: given,
      ...prune(
        ahead,
        given.map(({ name }) => name),
      ),
    },
    backward: { ...pruned, nodes: local, inputs: [...cotangents, ...saved.map(valueOf)] },
    saved,
  };
}

/**
 * Where only the shape of a forward value is asked for, the forward pass hands over a few integers instead.
 * Their names depend on nothing but the value's, so that backward passes for other outputs find them too.
 */
function shapesToForward(back: readonly Node[], forward: Graph): { local: Node[]; moved: Node[] } {
  const ahead = new Set(forward.inputs.map(({ name }) => name));
  forward.nodes.forEach((node) => node.outputs.forEach((output) => ahead.add(output)));
  const moved = back.filter((node) => ['Shape', 'Size'].includes(node.op) && ahead.has(node.inputs[0]));
  const stable = (node: Node) => `${node.op}:${node.inputs[0]}`;
  const renamed = new Map(moved.map((node) => [node.outputs[0], stable(node)]));
  const local = back
    .filter((node) => !renamed.has(node.outputs[0]))
    .map((node) => ({ ...node, inputs: node.inputs.map((input) => renamed.get(input) ?? input) }));
  return { local, moved: moved.map((node) => ({ ...node, name: stable(node), outputs: [stable(node)] })) };
}

function build(model: Graph, options: GradientOptions): Built {
  const { graph, types } = normalize(
    poolFirst(options.outputs ? { ...model, outputs: union(model, options.outputs) } : model),
  );
  const inputs = options.inputs ?? model.inputs.filter(({ type }) => isFloat(type)).map(({ name }) => name);
  const outputs = options.outputs ?? model.outputs.map(({ name }) => name);
  inputs.forEach((input) => {
    if (!graph.inputs.some(({ name }) => name === input))
      throw new RangeError(`The model has no input "${input}".`);
  });

  const guarded = guardedValues(graph.nodes);
  const active = reachedFrom(graph, inputs, options.straightThrough);
  const nodes = graph.nodes.map((node) => ({ ...node, outputs: [...node.outputs] }));
  const backward = new Builder([
    ...graph.constants.keys(),
    ...graph.inputs.map(({ name }) => name),
    ...nodes.flatMap((node) => node.outputs),
  ]);
  const ahead = new Builder([], (hint) => backward.fresh(`ahead:${hint}`));
  const cotangents = new Map<string, string>();
  for (const output of outputs) accumulate(backward, cotangents, output, cotangentOf(output));

  for (const node of [...nodes].reverse()) {
    const arriving = node.outputs.map((output) => cotangents.get(output));
    if (arriving.every((each) => each === undefined)) continue;
    const needs = node.inputs.map((input) => active.has(input));
    if (!needs.includes(true)) continue;
    const rule = ruleOf(node, options.straightThrough);
    if (!rule) throw unsupported(node);
    const extraOutput = (index: number): string => {
      for (let i = node.outputs.length; i <= index; i++) node.outputs.push('');
      node.outputs[index] ||= `${node.outputs[0]}~${index}`;
      infer(types, node);
      return node.outputs[index];
    };
    const context = new RuleContext(
      node,
      backward,
      ahead,
      types,
      arriving,
      needs,
      { target: options.target ?? 'any', guarded },
      extraOutput,
    );
    rule(context).forEach((gradient, i) => {
      if (gradient !== undefined && needs[i]) accumulate(backward, cotangents, node.inputs[i], gradient);
    });
  }

  const value = (name: string, of: string): Value => ({ ...types.get(of)!, name });
  const gradients = inputs.map((input) => {
    const found = cotangents.get(input);
    if (found === undefined) {
      throw new OnnxGradientError(
        'no-gradient',
        `Nothing differentiable leads from "${input}" to ${outputs.join(', ')}. ${wayOut}`,
      );
    }
    backward.node('Identity', [found], [gradientOf(input)]);
    return value(gradientOf(input), input);
  });
  const constants = new Map([...graph.constants, ...ahead.constants]);
  return {
    forward: { ...graph, nodes: [...nodes, ...ahead.nodes], constants },
    types,
    backward,
    cotangents: outputs.map((output) => value(cotangentOf(output), output)),
    gradients,
  };
}

/** Values that a choice may put aside, directly or after a cast. */
function guardedValues(nodes: readonly Node[]): Set<string> {
  const guarded = new Set<string>();
  for (const { op, inputs, outputs } of [...nodes].reverse()) {
    if (op === 'Where' || op === 'IsNaN') inputs.forEach((name) => guarded.add(name));
    else if ((op === 'Cast' || op === 'Identity') && guarded.has(outputs[0])) guarded.add(inputs[0]);
  }
  return guarded;
}

function union(model: Graph, outputs: readonly string[]): Value[] {
  const known = new Map(model.outputs.map((output) => [output.name, output]));
  return outputs.map((name) => known.get(name) ?? { name, type: 'float32' });
}

function accumulate(g: Builder, all: Map<string, string>, name: string, gradient: string): void {
  const former = all.get(name);
  all.set(name, former === undefined ? gradient : g.add(former, gradient));
}

const ruleOf = (node: Node, throughSteps = false): Rule | undefined =>
  throughSteps && isStep(node) ? straightThrough[node.op] : node.domain === '' ? rules[node.op] : undefined;

function unsupported(node: Node): OnnxGradientError {
  if (isStep(node))
    return new OnnxGradientError(
      'operator-unsupported',
      `${nameOf(node)} is a step, which has no gradient. Pass the gradient straight through it (straightThrough), or use an attack or estimate without gradients.`,
    );
  const domain = node.domain ? ` of the domain ${node.domain}` : '';
  return new OnnxGradientError(
    'operator-unsupported',
    `There is no gradient rule for ${nameOf(node)}${domain}. ${wayOut}`,
  );
}
