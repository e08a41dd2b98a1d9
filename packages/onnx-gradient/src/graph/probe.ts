import { constantFrom, type Constant, sizeOf } from '../model/constant.js';
import type { ElementType } from '../model/element-types.js';
import type { Dim, Graph, Known, Node } from '../model/graph.js';
import { encodeOutputs } from '../model/write.js';
import { Builder } from './builder.js';

/** What one run of a probe gave: for each output of its model the type, sizes and numbers. */
export type ProbeRun = ReadonlyMap<
  string,
  { type: ElementType; dims: readonly number[]; numbers: ArrayLike<number> }
>;

export interface ShapeProbe {
  /** Same inputs as the graph's; outputs are shapes, and values that no number of an input can change. */
  model: Uint8Array;
  /** What is known of the graph's values, after a run for each batch in `batches`. */
  known(runs: readonly ProbeRun[], batches: readonly number[], symbol: string): Map<string, Known>;
}

/** Values larger than this are left to the model. */
const largest = 2 ** 22;
/** Integer vectors up to this length may hold sizes. */
const longestVector = 64;

/**
 * A model that tells what inference cannot: the shape of every value, and the values that depend on shapes and constants
 * alone. Run once it tells them for one batch; run for two batches it tells which sizes follow the batch.
 */
export function shapeProbe(graph: Graph): ShapeProbe {
  const moving = dependingOn(
    graph.nodes,
    graph.inputs.map(({ name }) => name),
  );
  const g = new Builder([
    ...graph.constants.keys(),
    ...graph.inputs.map(({ name }) => name),
    ...graph.nodes.flatMap((node) => node.outputs),
  ]);
  const values = graph.nodes
    .filter(({ op }) => !/^(Sequence|SplitToSequence|ConcatFromSequence|Optional)/.test(op))
    .flatMap((node) => node.outputs)
    .filter((name) => name !== '');
  const shapes = new Map(values.map((name) => [name, g.shape(name)]));
  const fixed = values.filter((name) => !moving.has(name));
  // ONNX Runtime begins with the last node that nobody waits for: the shape of the first value, and no value is kept for long.
  const model = encodeOutputs({ ...graph, nodes: [...graph.nodes, ...g.nodes.toReversed()] }, [
    ...shapes.values(),
    ...fixed,
  ]);
  return {
    model,
    known: (runs, batches, symbol) => {
      const known = new Map<string, Known>();
      for (const [name, shape] of shapes) {
        const sizes = runs.map((run) => run.get(shape)?.numbers);
        const dims = alongBatches(sizes, batches, symbol, (axis) => `${name}.${axis}`);
        const value = moving.has(name) ? undefined : valueOf(name, runs);
        const vector = moving.has(name) || value ? undefined : vectorOf(name, runs, batches, symbol);
        if (dims) known.set(name, { dims, value, vector });
      }
      return known;
    },
  };
}

/** A size that follows the batch is a multiple of it; one that follows it otherwise is a symbol of its own. */
function alongBatches(
  runs: readonly (ArrayLike<number> | undefined)[],
  batches: readonly number[],
  symbol: string,
  fresh: (axis: number) => Dim | undefined,
): Dim[] | undefined {
  const [first] = runs;
  if (!first || runs.some((each) => each?.length !== first.length)) return undefined;
  const dims = Array.from(first, (size, axis): Dim | undefined => {
    const sizes = runs.map((each) => each![axis]);
    if (sizes.every((each) => each === size)) return size;
    const factor = size / batches[0];
    const multiple = factor > 0 && sizes.every((each, i) => each === factor * batches[i]);
    if (!multiple || !Number.isInteger(factor)) return fresh(axis);
    return factor === 1 ? symbol : `${factor}·${symbol}`;
  });
  return dims.every((each) => each !== undefined) ? (dims as Dim[]) : undefined;
}

/** The same in every run: a constant. */
function valueOf(name: string, runs: readonly ProbeRun[]): Constant | undefined {
  const [first, ...rest] = runs.map((run) => run.get(name));
  if (!first || sizeOf(first.dims) > largest) return undefined;
  const same = rest.every(
    (other) =>
      other?.dims.join() === first.dims.join() &&
      Array.from(first.numbers).every((value, i) => Object.is(value, other.numbers[i])),
  );
  return same ? constantFrom(first.type, first.dims, first.numbers) : undefined;
}

function vectorOf(
  name: string,
  runs: readonly ProbeRun[],
  batches: readonly number[],
  symbol: string,
): Dim[] | undefined {
  const all = runs.map((run) => run.get(name));
  const whole = all.every((each) => each && /^int/.test(each.type) && each.numbers.length <= longestVector);
  if (!whole) return undefined;
  return alongBatches(
    all.map((each) => each!.numbers),
    batches,
    symbol,
    () => undefined,
  );
}

/** Values that numbers of the inputs can change; the shape of a value is no such number. */
function dependingOn(nodes: readonly Node[], inputs: readonly string[]): Set<string> {
  const reached = new Set(inputs);
  for (const node of nodes) {
    if (node.domain === '' && (node.op === 'Shape' || node.op === 'Size')) continue;
    const random = /^(Random|Multinomial|Bernoulli)/.test(node.op);
    // A graph within may take any value: it counts as moving unless it is a choice between constants.
    const within = node.attributes.innerInputs();
    if (random || [...node.inputs, ...within].some((name) => reached.has(name)))
      node.outputs.forEach((output) => reached.add(output));
  }
  return reached;
}
