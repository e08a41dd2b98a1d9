import type { ModelSource } from '@gauntlet/api';
import {
  type ElementType,
  type Graph,
  hasOpenSizes,
  normalize,
  type ProbeRun,
  shapeProbe,
  type Value,
} from '@gauntlet/onnx-gradient';
import { inputLayout } from './input-layout.js';
import { runOnce } from './session.js';
import type * as ort from 'onnxruntime-node';

/** One round tells all but the sizes inside a branch that it shows to be taken. */
const rounds = 2;

/** The symbol that batches have in a victim's graph. */
export const batchSymbol = 'batch';

/**
 * Where sizes cannot be inferred, runs the graph for two batches (the one that it takes, if that is fixed) and adds what that
 * told to it. A graph whose sizes can all be inferred comes back as it is, and so does one that does not run.
 */
export async function settleSizes(graph: Graph, source: ModelSource): Promise<Graph> {
  const input = imageInput(graph, source);
  if (!input) return graph;
  let settled: Graph = { ...graph, inputs: [input] };
  for (let round = 0; round < rounds && hasOpenSizes(settled); round++) {
    try {
      settled = await probed(settled);
      settled = normalize(settled).graph;
    } catch {
      // What is wrong with the graph is said where it is used.
      break;
    }
  }
  return settled.known ? settled : graph;
}

/** The input with the image's sizes where the file leaves them open; undefined where they are not known. */
function imageInput({ inputs: [input], ...graph }: Graph, source: ModelSource): Value | undefined {
  const [batch, ...sizes] = input.dims ?? [];
  const { inputShape, channelsFirst } = inputLayout({ ...graph, inputs: [input] }, input, source.imageShape);
  const [h, w, c] = inputShape;
  const filled = sizes.length === 3 && channelsFirst ? [c, h, w] : inputShape;
  const flat = sizes.length === 1 && source.imageShape ? source.imageShape.reduce((a, b) => a * b, 1) : -1;
  const known = filled.map((size) => (size < 0 ? flat : size));
  if (batch === undefined || known.some((size) => size <= 0)) return undefined;
  return { ...input, dims: [typeof batch === 'number' ? batch : batchSymbol, ...known] };
}

async function probed(graph: Graph): Promise<Graph> {
  const [{ name, type, dims }] = graph.inputs;
  const [batch, ...rest] = dims as [number | string, ...number[]];
  const batches = typeof batch === 'number' ? [batch] : [2, 3];
  const probe = shapeProbe(graph);
  const runs: ProbeRun[] = [];
  for (const count of batches) {
    const found = await runOnce(probe.model, name, type, [count, ...rest]);
    runs.push(new Map(Object.entries(found).flatMap(([output, tensor]) => entryOf(output, tensor))));
  }
  return { ...graph, known: new Map([...(graph.known ?? []), ...probe.known(runs, batches, batchSymbol)]) };
}

const plain: Partial<Record<ort.Tensor.Type, ElementType>> = {
  float32: 'float32',
  float64: 'float64',
  int32: 'int32',
  int64: 'int64',
  bool: 'bool',
};

function entryOf(name: string, { type, dims, data }: ort.Tensor) {
  const known = plain[type];
  if (!known) return [];
  const numbers = data instanceof BigInt64Array ? Array.from(data, Number) : (data as ArrayLike<number>);
  return [[name, { type: known, dims, numbers }] as const];
}
