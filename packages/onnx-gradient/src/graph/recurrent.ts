import type { Node } from '../model/graph.js';
import type { Builder } from './builder.js';
import type { UpgradeContext } from './upgrade-context.js';

/** Longer sequences would make a graph of many thousands of nodes. */
const longest = 256;

interface Direction {
  g: Builder;
  node: Node;
  size: number;
  /** R [gates · H, H] transposed, its bias, and what the inputs give: [T, n, gates · H]. */
  recurrence: string;
  bias?: string;
  given: string;
}

interface State {
  h: string;
  c?: string;
}

const split = ({ g, size }: Direction, name: string, count: number): string[] =>
  Array.from({ length: count }, (_, k) =>
    g.op('Slice', [name, g.ints([k * size]), g.ints([(k + 1) * size]), g.ints([-1])]),
  );

/** i, o, f, c: c′ = f c + i c̃, h′ = o tanh c′ (Hochreiter & Schmidhuber 1997, without peepholes). */
function lstm(d: Direction, x: string, { h, c }: State): State {
  const { g } = d;
  const [i, o, f, inner] = split(d, g.add(x, g.op('MatMul', [h, d.recurrence])), 4);
  const [input, output, forget] = [i, o, f].map((gate) => g.op('Sigmoid', [gate]));
  const cell = g.add(g.mul(forget, c!), g.mul(input, g.op('Tanh', [inner])));
  return { h: g.mul(output, g.op('Tanh', [cell])), c: cell };
}

/** z, r, h: h′ = (1 − z) h̃ + z h (Cho et al. 2014), the reset before or after the product. */
function gru(d: Direction, x: string, { h }: State): State {
  const { g, node } = d;
  const after = node.attributes.int('linear_before_reset', 0) === 1;
  const [xz, xr, xh] = split(d, x, 3);
  const product = (state: string) => {
    const made = g.op('MatMul', [state, d.recurrence]);
    return split(d, d.bias ? g.add(made, d.bias) : made, 3);
  };
  const [hz, hr, hh] = product(h);
  const z = g.op('Sigmoid', [g.add(xz, hz)]);
  const r = g.op('Sigmoid', [g.add(xr, hr)]);
  const inner = after ? g.mul(r, hh) : product(g.mul(r, h))[2];
  const candidate = g.op('Tanh', [g.add(xh, inner)]);
  return { h: g.add(candidate, g.mul(z, g.sub(h, candidate))) };
}

function plain(activation: string) {
  return ({ g, recurrence }: Direction, x: string, { h }: State): State => ({
    h: g.op(activation, [g.add(x, g.op('MatMul', [h, recurrence]))]),
  });
}

/** A recurrent network unrolled over a sequence of known length; undefined for forms other than the usual. */
export function recurrent(g: Builder, node: Node, c: UpgradeContext): string[] | undefined {
  const { attributes, op } = node;
  const [x, w, r, b, lengths, h0, c0, peepholes] = node.inputs;
  const steps = c.dims(x)?.[0];
  const weights = c.dims(r);
  const activations = attributes.strings('activations');
  const usual = { LSTM: 'Sigmoid,Tanh,Tanh', GRU: 'Sigmoid,Tanh', RNN: '' }[op];
  const direction = attributes.string('direction', 'forward');
  const count = direction === 'bidirectional' ? 2 : 1;
  const unusual =
    typeof steps !== 'number' ||
    steps > longest ||
    typeof weights?.[2] !== 'number' ||
    Boolean(lengths) ||
    Boolean(peepholes) ||
    attributes.has('clip') ||
    attributes.int('layout', 0) === 1 ||
    attributes.int('input_forget', 0) === 1 ||
    (op !== 'RNN' &&
      activations.length > 0 &&
      activations.join() !== Array<string>(count).fill(usual!).join());
  if (unusual) return undefined;
  const size = weights![2] as number;
  const gates = { LSTM: 4, GRU: 3, RNN: 1 }[op]!;
  const one = (name: string, k: number) =>
    g.op('Squeeze', [g.op('Slice', [name, g.ints([k]), g.ints([k + 1]), g.ints([0])]), g.ints([0])]);
  const zeros = () => {
    const batch = g.op('Shape', [x], { start: 1, end: 2 });
    const shape = g.op('Concat', [batch, g.ints([size])], { axis: 0 });
    return g.op('Expand', [g.scalar(0, c.type(x) ?? 'float32'), shape]);
  };
  const every: { outputs: string[]; last: State }[] = [];
  for (let k = 0; k < count; k++) {
    const d = directionOf(k);
    const backwards = direction === 'reverse' || k === 1;
    const step = { LSTM: lstm, GRU: gru, RNN: plain(activations[k] ?? 'Tanh') }[op]!;
    let state: State = {
      h: h0 ? one(h0, k) : zeros(),
      c: op === 'LSTM' ? (c0 ? one(c0, k) : zeros()) : undefined,
    };
    const outputs: string[] = [];
    for (let i = 0; i < steps; i++) {
      const t = backwards ? steps - 1 - i : i;
      state = step(d, g.op('Gather', [d.given, g.scalar(t, 'int64')], { axis: 0 }), state);
      outputs[t] = state.h;
    }
    every.push({ outputs, last: state });
  }
  const stacked = every.map(({ outputs }) => {
    const rows = outputs.map((name) => g.op('Unsqueeze', [name, g.ints([0, 1])]));
    return g.op('Concat', rows, { axis: 0 });
  });
  const ends = (names: string[]) =>
    g.op(
      'Concat',
      names.map((name) => g.op('Unsqueeze', [name, g.ints([0])])),
      { axis: 0 },
    );
  const made = [g.op('Concat', stacked, { axis: 1 }), ends(every.map(({ last }) => last.h))];
  return op === 'LSTM' ? [...made, ends(every.map(({ last }) => last.c!))] : made;

  /** W and R of one direction; biases that come before any product are added to the inputs at once. */
  function directionOf(k: number): Direction {
    const given = g.op('MatMul', [x, g.transpose(one(w, k), [1, 0])]);
    const all: Direction = { g, node, size, recurrence: g.transpose(one(r, k), [1, 0]), given };
    if (!b) return all;
    const both = one(b, k);
    const half = (part: number) =>
      g.op('Slice', [both, g.ints([part * gates * size]), g.ints([(part + 1) * gates * size]), g.ints([0])]);
    if (op === 'GRU') return { ...all, given: g.add(given, half(0)), bias: half(1) };
    return { ...all, given: g.add(given, g.add(half(0), half(1))) };
  }
}
