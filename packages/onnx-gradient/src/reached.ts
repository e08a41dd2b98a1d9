import { quantised } from './graph/quantised.js';
import type { Graph, Node } from './model/graph.js';
import { remainders } from './remainders.js';
import { discrete } from './rules/index.js';
import { straightThrough } from './rules/straight-through.js';

/** Has no gradient but one that is made up for it. */
export const isStep = ({ domain, op }: Node): boolean =>
  (domain === '' && straightThrough[op] !== undefined) ||
  quantised[domain === '' ? op : `${domain}:${op}`] !== undefined;

/** Values that depend on the inputs by way of real numbers. @param throughSteps Steps lead on, too. */
export function reachedFrom(
  graph: Pick<Graph, 'nodes' | 'constants' | 'outputs'>,
  inputs: readonly string[],
  throughSteps = false,
): Set<string> {
  const reached = new Set(inputs);
  const wholes = remainders(graph);
  for (const node of graph.nodes) {
    if (wholes.has(node)) continue;
    const ends = discrete.has(node.op) && node.domain === '';
    if (ends && !(throughSteps && isStep(node))) continue;
    if (node.inputs.some((input) => reached.has(input)))
      node.outputs.forEach((output) => reached.add(output));
  }
  return reached;
}

/** Operators of the steps on the way from the inputs of a model: those whose gradients `straightThrough` makes up. */
export function steppedOperators(model: Graph): string[] {
  const inputs = model.inputs.map(({ name }) => name);
  const reached = reachedFrom(model, inputs, true);
  const wholes = remainders(model);
  const steps = model.nodes.filter(
    (node) => isStep(node) && !wholes.has(node) && reached.has(node.inputs[0]),
  );
  return [...new Set(steps.map(({ op }) => op))];
}
