import { numbersOf } from '../model/constant.js';
import type { Dim } from '../model/graph.js';
import { dimOf, positive, productOf } from './dims.js';
import { like, type } from './inferred.js';
import type { InferenceRule } from './types.js';

export const tile: InferenceRule = (c) => {
  const [dims, repeats] = [c.in(0), c.types.vector(c.node.inputs[1])];
  return [like(c, repeats && dims?.map((size, i) => dimOf(productOf([size, repeats[i]]))))];
};

export const topK: InferenceRule = (c) => {
  const dims = c.in(0);
  const k = c.types.vector(c.node.inputs[1]);
  const axis = positive(c.node.attributes.int('axis', -1), dims?.length ?? 0);
  const sizes = dims?.map((size, i) => (i === axis ? (k?.[0] ?? c.fresh(axis)) : size));
  return [like(c, sizes), { type: 'int64', dims: sizes }];
};

export const gatherNd: InferenceRule = (c) => {
  const [dims, indices] = [c.in(0), c.in(1)];
  const batches = c.node.attributes.int('batch_dims', 0);
  const width = indices?.[indices.length - 1];
  if (!dims || !indices || typeof width !== 'number') return [like(c, undefined)];
  return [like(c, [...indices.slice(0, -1), ...dims.slice(batches + width)])];
};

/** Sizes by letter; letters that an ellipsis hides are only followed where it is at the front. */
export const einsum: InferenceRule = (c) => {
  const [left, right] = c.node.attributes.string('equation', '').replaceAll(' ', '').split('->');
  if (right === undefined || left.includes('.')) return [like(c, undefined)];
  const sizes = new Map<string, Dim>();
  left.split(',').forEach((term, k) =>
    [...term].forEach((letter, axis) => {
      const size = c.in(k)?.[axis];
      if (size !== undefined && (sizes.get(letter) ?? 1) === 1) sizes.set(letter, size);
    }),
  );
  const dims = [...right].map((letter) => sizes.get(letter));
  return [like(c, dims.every((size) => size !== undefined) ? (dims as Dim[]) : undefined)];
};

/** Of integers the numbers themselves, since sizes are made of them. */
export const range: InferenceRule = (c) => {
  const given = c.node.inputs.map((name) => {
    const constant = c.types.constant(name);
    return constant ? numbersOf(constant)[0] : c.types.integers(name)?.[0];
  });
  const kind = type(c, 0);
  if (!given.every((value) => value !== undefined)) return [{ type: kind, dims: [c.fresh(0)] }];
  const [start, limit, delta] = given as [number, number, number];
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (/^int/.test(kind ?? '') && count <= 64)
    c.types.setVector(
      c.node.outputs[0],
      Array.from({ length: count }, (_, i) => start + i * delta),
    );
  return [{ type: kind, dims: [count] }];
};

export const gridSample: InferenceRule = (c) => {
  const [dims, grid] = [c.in(0), c.in(1)];
  return [like(c, dims && grid && [...dims.slice(0, 2), ...grid.slice(1, -1)])];
};

export const col2Im: InferenceRule = (c) => {
  const dims = c.in(0);
  const [image, block] = [1, 2].map((i) => c.types.integers(c.node.inputs[i]));
  const channels = dims?.[1];
  if (!dims || !image || !block || typeof channels !== 'number') return [like(c, undefined)];
  return [like(c, [dims[0], channels / block.reduce((a, b) => a * b, 1), ...image])];
};

export const oneHot: InferenceRule = (c) => {
  const [indices, depth, values] = c.node.inputs;
  const dims = c.types.dims(indices);
  const count = c.types.integers(depth)?.[0];
  const type = c.types.get(values)?.type;
  if (!dims) return [{ type, dims: undefined }];
  const axis = positive(c.node.attributes.int('axis', -1), dims.length + 1);
  return [{ type, dims: [...dims.slice(0, axis), count ?? c.fresh(axis), ...dims.slice(axis)] }];
};
