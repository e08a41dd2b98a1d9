import { type Constant, numbersOf } from './model/constant.js';
import type { Graph, Node } from './model/graph.js';

/** What of a graph is looked at. */
type Looked = Pick<Graph, 'nodes' | 'constants' | 'outputs'>;

const steps = ['Floor', 'Ceil', 'Round'];

/**
 * Steps that are the whole part of a remainder, x − ⌊x⌋ or x − ⌊x / y⌋ y: PyTorch exports x % y like this. Their gradient is 0 but on
 * a null set, and the remainder's is exact with it.
 */
export function remainders({ nodes, constants, outputs }: Looked): Set<Node> {
  const given = new Set(outputs.map(({ name }) => name));
  const usersOf = (name: string) => nodes.filter(({ inputs }) => inputs.includes(name));
  /** None where the value is given out as well. */
  const users = (name: string) => (given.has(name) ? [] : usersOf(name));
  const same = (a: string, b: string) => a === b || sameNumber(constants.get(a), constants.get(b));
  /** x − part, of which nothing is taken from x once more: that would be the part itself, as a step. */
  const isRest = ({ op, inputs, outputs }: Node, x: string, part: string) =>
    op === 'Sub' &&
    inputs[0] === x &&
    inputs[1] === part &&
    !usersOf(outputs[0]).some((user) => user.op === 'Sub' && user.inputs[0] === x);
  const isPart = ({ inputs: [value], outputs: [whole] }: Node) => {
    const ends = users(whole);
    if (ends.length === 0) return false;
    if (ends.every((user) => isRest(user, value, whole))) return true;
    const ratio = nodes.find(({ op, outputs }) => op === 'Div' && outputs[0] === value);
    return (
      ratio !== undefined &&
      ends.every(({ op, inputs, outputs }) => {
        const other = inputs.find((input) => input !== whole);
        if (op !== 'Mul' || other === undefined || !same(other, ratio.inputs[1])) return false;
        const last = users(outputs[0]);
        return last.length > 0 && last.every((user) => isRest(user, ratio.inputs[0], outputs[0]));
      })
    );
  };
  return new Set(nodes.filter((node) => node.domain === '' && steps.includes(node.op) && isPart(node)));
}

function sameNumber(a: Constant | undefined, b: Constant | undefined): boolean {
  if (!a || !b) return false;
  const [left, right] = [numbersOf(a), numbersOf(b)];
  return left.length === 1 && right.length === 1 && left[0] === right[0];
}
