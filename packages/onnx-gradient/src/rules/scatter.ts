import type { Rule, RuleContext } from './rule.js';

type Put = 'ScatterElements' | 'ScatterND';

/** Writing to cells and reading from them, by the positions of one node. */
function cells(c: RuleContext, put: Put) {
  const { g } = c;
  const indices = c.node.inputs[1];
  const axis = put === 'ScatterElements' ? { axis: c.attributes.int('axis', 0) } : {};
  const take = put === 'ScatterElements' ? 'GatherElements' : 'GatherND';
  return {
    read: (name: string) => g.op(take, [name, indices], axis),
    write: (to: string, updates: string, reduction = 'none') =>
      g.op(put, [to, indices, updates], { ...axis, reduction }),
  };
}

/** The largest or smallest of a cell's numbers share its gradient, as in PyTorch. */
function extreme(c: RuleContext, put: Put): (string | undefined)[] {
  const { g, x, y, dy } = c;
  const updates = c.node.inputs[2];
  const { read, write } = cells(c, put);
  const equal = (a: string, b: string) => g.cast(g.op('Equal', [a, b]), c.type());
  const [kept, chosen] = [equal(x, y), equal(updates, read(y))];
  const share = g.div(dy, write(kept, chosen, 'add'));
  return [g.mul(share, kept), undefined, g.mul(read(share), chosen)];
}

/** Each factor has the product of the others, of which some may be zero. */
function product(c: RuleContext, put: Put): (string | undefined)[] {
  const { g, x, dy } = c;
  const updates = c.node.inputs[2];
  const { read, write } = cells(c, put);
  const [zero, one] = [c.scalar(0), c.scalar(1)];
  const isZero = (name: string) => g.op('Equal', [name, zero]);
  const filled = (name: string) => g.where(isZero(name), one, name);
  const count = (name: string) => g.cast(isZero(name), c.type());
  const others = write(g.expandLike(one, x), updates, 'mul');
  const rest = read(write(filled(x), filled(updates), 'mul'));
  const zeros = g.sub(read(write(count(x), count(updates), 'add')), count(updates));
  const without = g.where(isZero(zeros), g.div(rest, filled(updates)), zero);
  return [g.mul(dy, others), undefined, g.mul(read(dy), without)];
}

/** Which cells were written is known by the positions: their gradient goes to the updates, that of the others to the data. */
function plain(c: RuleContext, put: Put, added: boolean): (string | undefined)[] {
  const { g, dy } = c;
  const updates = c.node.inputs[2];
  const { read, write } = cells(c, put);
  const zeros = () => g.expandLike(c.scalar(0, updates), updates);
  return [
    c.needs[0] ? (added ? dy : write(dy, zeros())) : undefined,
    undefined,
    c.needs[2] ? read(dy) : undefined,
  ];
}

export const scatter =
  (put: Put): Rule =>
  (c) => {
    const reduction = c.attributes.string('reduction', 'none');
    if (reduction === 'max' || reduction === 'min') return extreme(c, put);
    if (reduction === 'mul') return product(c, put);
    return plain(c, put, reduction === 'add');
  };
