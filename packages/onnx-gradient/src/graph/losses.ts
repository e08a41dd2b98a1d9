import { constantFrom } from '../model/constant.js';
import type { Node } from '../model/graph.js';
import type { Builder } from './builder.js';
import type { Decomposition } from './decomposition.js';
import type { UpgradeContext } from './upgrade-context.js';

interface Loss {
  g: Builder;
  node: Node;
  c: UpgradeContext;
}

/** −w_t log p_t over [N, C, d…], reduced as the node says, where `logs` are logarithms of probabilities. */
function likelihood({ g, node, c }: Loss, logs: string): string | undefined {
  const [scores, target, weight] = node.inputs;
  const [type, whole] = [c.type(scores), c.type(target)];
  if (!type || (whole !== 'int32' && whole !== 'int64')) return undefined;
  const { attributes } = node;
  const ignored = attributes.has('ignore_index')
    ? g.op('Equal', [target, g.constant(constantFrom(whole, [], [attributes.int('ignore_index', 0)]))])
    : undefined;
  // What is ignored may be no class: it is looked up as class 0 and counts for nothing.
  const looked = ignored ? g.where(ignored, g.constant(constantFrom(whole, [], [0])), target) : target;
  const column = g.op('GatherElements', [logs, g.op('Unsqueeze', [looked, g.ints([1])])], { axis: 1 });
  const picked = g.op('Squeeze', [column, g.ints([1])]);
  const given = weight ? g.op('Gather', [weight, looked], { axis: 0 }) : undefined;
  const weights = ignored ? g.where(ignored, g.scalar(0, type), given ?? g.scalar(1, type)) : given;
  const each = g.neg(weights ? g.mul(picked, weights) : picked);
  const sum = (x: string) => g.op('ReduceSum', [x], { keepdims: 0 });
  switch (attributes.string('reduction', 'mean')) {
    case 'none':
      return each;
    case 'sum':
      return sum(each);
    default:
      return weights ? g.div(sum(each), sum(weights)) : g.op('ReduceMean', [each], { keepdims: 0 });
  }
}

export const negativeLogLikelihood: Decomposition = (g, node, c) => {
  const loss = likelihood({ g, node, c }, node.inputs[0]);
  return loss === undefined ? undefined : [loss];
};

export const softmaxCrossEntropy: Decomposition = (g, node, c) => {
  const logs = g.op('LogSoftmax', [node.inputs[0]], { axis: 1 });
  const loss = likelihood({ g, node, c }, logs);
  return loss === undefined ? undefined : [loss, logs];
};
