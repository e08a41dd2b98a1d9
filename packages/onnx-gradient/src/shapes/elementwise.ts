import type { Dim } from '../model/graph.js';
import { broadcast, dimOf, divide, productOf } from './dims.js';
import { like } from './inferred.js';
import type { Inference, InferenceRule } from './types.js';

export const same: InferenceRule = (c) => [like(c, c.in(0))];

export const broadcasting: InferenceRule = (c) => {
  const all = c.node.inputs.map((_, i) => c.in(i));
  if (all.some((dims) => dims === undefined)) return [like(c, undefined)];
  arithmetic(c);
  return [like(c, (all as Dim[][]).reduce(broadcast))];
};

export const comparison: InferenceRule = (c) => {
  if (c.node.op === 'Equal') pairwise(c, (x, y) => equalSizes(x, y));
  return [{ ...broadcasting(c)[0], type: 'bool' }];
};

/** 1 or 0; a size that is not known is at least no negative number. */
function equalSizes(x: Dim, y: Dim): Dim | undefined {
  if (x === y) return 1;
  if (typeof x === typeof y) return typeof x === 'number' ? 0 : undefined;
  return Number(typeof x === 'number' ? x : y) < 0 ? 0 : undefined;
}

/** Exporters write "this size, or where it is −1 that one". */
export const where: InferenceRule = (c) => {
  const [condition, yes, no] = c.node.inputs.map((input) => c.types.vector(input));
  if (condition && yes && no) {
    const length = Math.max(condition.length, yes.length, no.length);
    const at = (vector: readonly Dim[], i: number) => vector[vector.length === 1 ? 0 : i];
    c.types.setVector(
      c.node.outputs[0],
      Array.from({ length }, (_, i) => at(at(condition, i) === 1 ? yes : no, i)),
    );
  }
  const all = [0, 1, 2].map((i) => c.in(i));
  return [like(c, all.every((dims) => dims) ? (all as Dim[][]).reduce(broadcast) : undefined, 1)];
};

/** Sizes are computed with in a few places, e.g. batch × 1 or channels / 2. */
function arithmetic(c: Inference): void {
  const operation = { Add: (x: number, y: number) => x + y, Sub: (x: number, y: number) => x - y }[c.node.op];
  pairwise(c, (x, y) => {
    const numbers = typeof x === 'number' && typeof y === 'number';
    if (c.node.op === 'Mul') return dimOf(productOf([x, y]));
    if (c.node.op === 'Div' && numbers) return y === 0 ? undefined : Math.trunc(x / y);
    if (c.node.op === 'Div') return divide(productOf([x]), productOf([y]));
    return operation && numbers ? operation(x, y) : undefined;
  });
}

function pairwise({ node, types }: Inference, compute: (x: Dim, y: Dim) => Dim | undefined): void {
  const [a, b] = node.inputs.map((input) => types.vector(input));
  if (!a || !b || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return;
  const results = Array.from({ length: Math.max(a.length, b.length) }, (_, i) =>
    compute(a[a.length === 1 ? 0 : i], b[b.length === 1 ? 0 : i]),
  );
  if (results.every((each) => each !== undefined)) types.setVector(node.outputs[0], results);
}

/** Vectors of sizes go through these operations unchanged. */
export const passing: InferenceRule = (c) => {
  const vector = c.types.vector(c.node.inputs[0]);
  if (vector) c.types.setVector(c.node.outputs[0], vector);
  return same(c);
};
