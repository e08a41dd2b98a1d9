import type { Rule, RuleContext } from './rule.js';

/** Letters for the axes that an ellipsis stands for: those that the equation does not use. */
function spelled(c: RuleContext): { operands: string[]; result: string } {
  const equation = c.attributes.string('equation', '').replaceAll(' ', '');
  const [left, right] = equation.split('->');
  const terms = left.split(',');
  const unused = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter(
    (l) => !equation.includes(l),
  );
  const hidden = terms.map((term, i) =>
    term.includes('...') ? c.dims(c.node.inputs[i]).length - (term.length - 3) : 0,
  );
  const most = Math.max(0, ...hidden);
  const letters = (count: number) => unused.slice(most - count, most).join('');
  const operands = terms.map((term, i) => term.replace('...', letters(hidden[i])));
  if (right !== undefined) return { operands, result: right.replace('...', letters(most)) };
  const once = [...left.replaceAll(/[.,]/g, '')].filter(
    (l, _, all) => all.filter((k) => k === l).length === 1,
  );
  return { operands, result: letters(most) + [...new Set(once)].sort().join('') };
}

/**
 * With y = einsum(…, x, …): dx sums dy times the other operands over all letters that x does not have. Letters of x alone
 * were summed over: there dx repeats.
 */
export const einsum: Rule = (c) => {
  const { g, dy, node } = c;
  const { operands, result } = spelled(c);
  return node.inputs.map((input, i) => {
    if (!c.needs[i]) return undefined;
    const own = operands[i];
    if (new Set(own).size < own.length) c.unsupported('a letter twice in one operand');
    const others = operands.filter((_, k) => k !== i);
    const given = new Set([result, ...others].join(''));
    const kept = [...own].filter((letter) => given.has(letter)).join('');
    const names = [dy, ...node.inputs.filter((_, k) => k !== i)];
    const equation = `${[result, ...others].join(',')}->${kept}`;
    const summed = g.op('Einsum', names, { equation });
    const missing = [...own].flatMap((letter, axis) => (given.has(letter) ? [] : [axis]));
    const shaped = missing.length > 0 ? g.op('Unsqueeze', [summed, g.ints(missing)]) : summed;
    // Sizes of 1 that met larger ones were repeated; larger ones that met sizes of 1 alone, and are summed over, repeat dx.
    const dims = c.dims(input);
    const met = [...own].map((letter, axis) =>
      operands.some((term, k) => {
        const at = term.indexOf(letter);
        return at >= 0 && c.dims(node.inputs[k])[at] !== dims[axis];
      }),
    );
    const broadcast = met.flatMap((one, axis) => (one && dims[axis] === 1 ? [axis] : []));
    const back = broadcast.length > 0 ? g.sum(shaped, broadcast) : shaped;
    const repeated = missing.length > 0 || met.some((one, axis) => one && dims[axis] !== 1);
    return repeated ? g.expandLike(back, input) : back;
  });
};
