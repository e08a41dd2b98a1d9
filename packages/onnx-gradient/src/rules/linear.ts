import type { Rule, RuleContext } from './rule.js';

/** Swaps the last two axes; of a constant, once and for all. */
function swapped(c: RuleContext, name: string): string {
  const rank = c.dims(name).length;
  const perm = Array.from({ length: rank }, (_, i) => i);
  [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
  return c.g.transpose(name, perm);
}

/** A vector on the left is a row, on the right a column; the result lacks the axis that it had of size 1. */
function withVector(c: RuleContext): (string | undefined)[] {
  const { g } = c;
  const [a, b] = c.node.inputs;
  const [row, column] = [c.dims(a).length === 1, c.dims(b).length === 1];
  const at = (name: string, axis: number) => g.op('Unsqueeze', [name, g.ints([axis])]);
  const left = row ? at(a, 0) : a;
  const right = column ? at(b, 1) : b;
  let dy = c.dy;
  if (column) dy = at(dy, -1);
  if (row) dy = at(dy, -2);
  const turned = (name: string, rank: number) => {
    const perm = Array.from({ length: rank }, (_, i) => i);
    [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
    return g.transpose(name, perm);
  };
  const [ra, rb] = [Math.max(2, c.dims(a).length), Math.max(2, c.dims(b).length)];
  // Of a vector that met a batch of matrices, the sum over the batch.
  const vector = (gradient: string, rank: number, unit: number) => {
    const batch = Array.from({ length: rank - 2 }, (_, i) => i);
    const summed = batch.length > 0 ? g.sum(gradient, batch, 0) : gradient;
    return g.op('Squeeze', [summed, g.ints([unit])]);
  };
  const da = () => g.op('MatMul', [dy, turned(right, rb)]);
  const db = () => g.op('MatMul', [turned(left, ra), dy]);
  return [
    c.needs[0] ? (row ? vector(da(), rb, 0) : da()) : undefined,
    c.needs[1] ? (column ? vector(db(), ra, 1) : db()) : undefined,
  ];
}

/** Y = A B: dA = dY Bᵀ, dB = Aᵀ dY, summed over broadcast batches. */
const matmul: Rule = (c) => {
  const { g, dy, y } = c;
  const [a, b] = c.node.inputs;
  if (c.dims(a).length < 2 || c.dims(b).length < 2) return withVector(c);
  /** The result's batch axes with the operand's own last two. */
  const batched = (gradient: string, operand: string) => {
    const [full, own] = [c.dims(y), c.dims(operand)];
    const axes = full.slice(0, -2).flatMap((size, i) => {
      const at = i - (full.length - own.length);
      return at < 0 || (own[at] === 1 && size !== 1) ? [i] : [];
    });
    if (axes.length === 0) return gradient;
    const summed = g.sum(gradient, axes);
    return full.length === own.length ? summed : g.reshape(summed, own, operand);
  };
  return [
    c.needs[0] ? batched(g.op('MatMul', [dy, swapped(c, b)]), a) : undefined,
    c.needs[1] ? batched(g.op('MatMul', [swapped(c, a), dy]), b) : undefined,
  ];
};

/** Y = α A′ B′ + β C, where ′ may transpose. */
const gemm: Rule = (c) => {
  const { g, dy } = c;
  const [a, b, bias] = c.node.inputs;
  const alpha = { float: c.attributes.float('alpha', 1) };
  const beta = c.attributes.float('beta', 1);
  const [transA, transB] = ['transA', 'transB'].map((name) => c.attributes.int(name, 0));
  const product = (left: string, right: string, ta: number, tb: number) =>
    g.op('Gemm', [left, right], { alpha, transA: ta, transB: tb });
  return [
    c.needs[0] ? (transA ? product(b, dy, transB, 1) : product(dy, b, 0, 1 - transB)) : undefined,
    c.needs[1] ? (transB ? product(dy, a, 1, transA) : product(a, dy, 1 - transA, 0)) : undefined,
    c.needs[2] ? c.unbroadcast(beta === 1 ? dy : g.mul(dy, c.scalar(beta)), bias) : undefined,
  ];
};

export const linear: Record<string, Rule> = { MatMul: matmul, Gemm: gemm };
