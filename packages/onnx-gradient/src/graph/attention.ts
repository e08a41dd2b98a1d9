import type { Node } from '../model/graph.js';
import type { Builder } from './builder.js';
import type { Decomposition } from './decomposition.js';
import type { UpgradeContext } from './upgrade-context.js';

/** [n, t, heads · size] as [n, heads, t, size]; what has four dimensions has this form already. */
function apart(g: Builder, c: UpgradeContext, name: string, heads: number): string | undefined {
  const rank = c.rank(name);
  if (rank === 4) return name;
  if (rank !== 3 || heads < 1) return undefined;
  return g.transpose(g.op('Reshape', [name, g.ints([0, 0, heads, -1])]), [0, 2, 1, 3]);
}

const sizes = (g: Builder, name: string, axes: readonly number[]) =>
  g.op('Gather', [g.shape(name), g.ints(axes)]);

/** Each head of k [n, heads, t, size] so many times in a row. */
function repeated(g: Builder, k: string, heads: number, times: number): string {
  if (times === 1) return k;
  const tiled = g.op('Tile', [g.op('Unsqueeze', [k, g.ints([2])]), g.ints([1, 1, times, 1, 1])]);
  const shape = [sizes(g, k, [0]), g.ints([heads * times]), sizes(g, k, [2, 3])];
  return g.op('Reshape', [tiled, g.op('Concat', shape, { axis: 0 })]);
}

/** What is added to the products of queries and keys: 0, or −∞ where a query may not look. */
function biasOf(g: Builder, node: Node, c: UpgradeContext, q: string, k: string): string | false | undefined {
  const [query, , , mask, past, , lengths] = node.inputs;
  const type = c.type(query);
  if (!type) return undefined;
  const [zero, never] = [g.scalar(0, type), g.scalar(-Infinity, type)];
  const closed = (allowed: string) => g.where(allowed, zero, never);
  const biases: string[] = [];
  if (mask) {
    const [wide, keys] = [c.dims(mask)?.at(-1), past ? undefined : c.dims(node.inputs[1])?.at(-2)];
    // A mask of fewer keys means that the others are closed: not written here.
    if (typeof wide === 'number' && typeof keys === 'number' && c.rank(node.inputs[1]) === 4 && wide !== keys)
      return undefined;
    biases.push(c.type(mask) === 'bool' ? closed(mask) : mask);
  }
  if (lengths) biases.push(closed(within(g, lengths, q, k, node.attributes.int('is_causal', 0) === 1)));
  else if (node.attributes.int('is_causal', 0) === 1) {
    const shape = g.op('Concat', [sizes(g, q, [2]), sizes(g, k, [2])], { axis: 0 });
    const ones = g.op('Expand', [g.scalar(1, type), shape]);
    const before = past ? g.op('Gather', [g.shape(past), g.scalar(2, 'int64')]) : g.scalar(0, 'int64');
    biases.push(closed(g.cast(g.op('Trilu', [ones, before], { upper: 0 }), 'bool')));
  }
  return biases.length > 0 && biases.reduce((a, b) => g.add(a, b));
}

/** Which of the keys [n, 1, queries or 1, keys] are not padding; a causal query i of m looks as far as key i + length − m. */
function within(g: Builder, lengths: string, q: string, k: string, causal: boolean): string {
  const number = (value: number) => g.scalar(value, 'int64');
  const count = (name: string) => g.op('Squeeze', [sizes(g, name, [2]), g.ints([0])]);
  const upTo = (name: string) => g.op('Range', [number(0), count(name), number(1)]);
  const ends = g.op('Reshape', [lengths, g.ints([-1, 1, 1, 1])]);
  const keys = upTo(k);
  const real = g.op('Less', [keys, ends]);
  if (!causal) return real;
  const queries = g.op('Unsqueeze', [upTo(q), g.ints([1])]);
  const last = g.add(queries, g.sub(ends, count(q)));
  return g.op('And', [real, g.op('LessOrEqual', [keys, last])]);
}

/** softmax over keys; a query that may look nowhere gets 0. */
function weights(
  g: Builder,
  c: UpgradeContext,
  products: string,
  bias: string | false,
  query: string,
): string {
  if (bias === false) return g.op('Softmax', [products], { axis: -1 });
  const type = c.type(query)!;
  const zero = g.scalar(0, type);
  const largest = g.op('ReduceMax', [bias, g.ints([-1])], { keepdims: 1 });
  const nowhere = g.op('Equal', [largest, g.scalar(-Infinity, type)]);
  const logits = g.where(nowhere, zero, g.add(products, bias));
  return g.where(nowhere, zero, g.op('Softmax', [logits], { axis: -1 }));
}

/** softmax(s QKᵀ + bias) V with s = 1/√size (Vaswani et al. 2017, eq. 1), keys and values shared by groups of heads. */
export const attention: Decomposition = (g, node, c) => {
  const { attributes, inputs } = node;
  const [query, key, value, , pastKey, pastValue] = inputs;
  const type = c.type(query);
  const [heads, kvHeads] = [attributes.int('q_num_heads', 0), attributes.int('kv_num_heads', 0)];
  const q = apart(g, c, query, heads);
  let [k, v] = [apart(g, c, key, kvHeads), apart(g, c, value, kvHeads)];
  const mode = attributes.int('qk_matmul_output_mode', 0);
  const softcap = attributes.float('softcap', 0);
  const windowed = ['left_window_size', 'right_window_size'].some((name) => attributes.int(name, -1) >= 0);
  if (!type || !q || !k || !v || windowed) return undefined;
  if (pastKey) k = g.op('Concat', [pastKey, k], { axis: 2 });
  if (pastValue) v = g.op('Concat', [pastValue, v], { axis: 2 });
  const [count, kvCount, size] = [
    heads || c.dims(query)?.[1],
    kvHeads || c.dims(key)?.[1],
    c.rank(query) === 4 ? c.dims(query)?.[3] : sizeOfHead(c, query, heads),
  ];
  if (typeof count !== 'number' || typeof kvCount !== 'number' || count % kvCount !== 0) return undefined;
  const scale = attributes.has('scale')
    ? attributes.float('scale', 1)
    : typeof size === 'number' && 1 / Math.sqrt(size);
  const bias = biasOf(g, node, c, q, k);
  if (scale === false || bias === undefined) return undefined;
  const times = count / kvCount;
  const keys = g.transpose(repeated(g, k, kvCount, times), [0, 1, 3, 2]);
  const products = g.op('MatMul', [g.mul(q, g.scalar(scale, type)), keys]);
  const capped =
    softcap > 0
      ? g.mul(g.op('Tanh', [g.div(products, g.scalar(softcap, type))]), g.scalar(softcap, type))
      : products;
  // ONNX has changed the order of the soft cap and the mask; this is that of ONNX Runtime.
  const p = weights(g, c, capped, bias, query);
  const y = g.op('MatMul', [p, repeated(g, v, kvCount, times)]);
  const joined =
    c.rank(query) === 4 ? y : g.op('Reshape', [g.transpose(y, [0, 2, 1, 3]), g.ints([0, 0, -1])]);
  const looked = [products, capped, bias ? g.add(capped, bias) : capped, p][mode];
  return [joined, k, v, looked].slice(0, node.outputs.length);
};

function sizeOfHead(c: UpgradeContext, name: string, heads: number): number | undefined {
  const width = c.dims(name)?.[2];
  return typeof width === 'number' ? width / heads : undefined;
}

/** Pairs of values (x₁, x₂) turned by an angle of their position (Su et al. 2021, eq. 34). */
function rotated(
  g: Builder,
  node: Node,
  c: UpgradeContext,
  [x, cosines, sines, positions]: readonly (string | undefined)[],
): string[] | undefined {
  const { attributes } = node;
  const rank = c.rank(x!);
  const half = c.dims(cosines!)?.at(-1);
  const heads = attributes.int('num_heads', 0);
  if (typeof half !== 'number' || (rank !== 4 && (rank !== 3 || heads < 1))) return undefined;
  if (positions && c.rank(positions) !== 2) return undefined;
  const whole = rank === 4 ? x! : g.op('Reshape', [x!, g.ints([0, 0, heads, -1])]);
  const placed = (table: string) =>
    g.op('Unsqueeze', [positions ? g.op('Gather', [table, positions]) : table, g.ints([rank === 4 ? 1 : 2])]);
  const [cos, sin] = [placed(cosines!), placed(sines!)];
  const slice = (from: number, to: number, step = 1) =>
    g.op('Slice', [whole, g.ints([from]), g.ints([to]), g.ints([-1]), g.ints([step])]);
  const interleaved = attributes.int('interleaved', 0) === 1;
  const [x1, x2] = interleaved
    ? [slice(0, 2 * half, 2), slice(1, 2 * half, 2)]
    : [slice(0, half), slice(half, 2 * half)];
  const real = g.sub(g.mul(cos, x1), g.mul(sin, x2));
  const imaginary = g.add(g.mul(sin, x1), g.mul(cos, x2));
  const pair = (name: string) => g.op('Unsqueeze', [name, g.ints([-1])]);
  const turned = interleaved
    ? g.op('Reshape', [
        g.op('Concat', [pair(real), pair(imaginary)], { axis: -1 }),
        g.ints([0, 0, 0, 2 * half]),
      ])
    : g.op('Concat', [real, imaginary], { axis: -1 });
  // What is beyond the turned part, often nothing, stays.
  const kept = attributes.int('rotary_embedding_dim', 0) > 0;
  const all = kept ? g.op('Concat', [turned, slice(2 * half, 2 ** 31)], { axis: -1 }) : turned;
  return [rank === 4 ? all : g.op('Reshape', [all, g.ints([0, 0, -1])])];
}

export const rotaryEmbedding: Decomposition = (g, node, c) => rotated(g, node, c, node.inputs);

/** ONNX Runtime's own has the positions second. */
export const fusedRotaryEmbedding: Decomposition = (g, node, c) => {
  const [x, positions, cosines, sines] = node.inputs;
  const { attributes } = node;
  if (attributes.int('is_packed_batching', 0) === 1 || attributes.float('scale', 1) !== 1) return undefined;
  return rotated(g, node, c, [x, cosines, sines, positions]);
};
