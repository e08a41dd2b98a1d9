import * as ort from 'onnxruntime-node';
import { expect } from 'vitest';
import { cotangentOf, gradientOf, type GradientOptions, splitGradients, withGradients } from './gradient.js';
import { Builder } from './graph/builder.js';
import type { Dim, Graph, Value } from './model/graph.js';
import { parseModel } from './model/read.js';
import { serializeModel } from './model/write.js';

export type Feeds = Record<string, ort.Tensor>;

/** ONNX_GRADIENT_PROVIDER=webgpu runs everything on another device. */
const provider = process.env.ONNX_GRADIENT_PROVIDER ?? 'cpu';
const options: ort.InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  logSeverityLevel: 4,
  executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
};

export const openSession = (graph: Graph) => ort.InferenceSession.create(serializeModel(graph), options);

/** Reproducible numbers in (−1, 1). */
export function noise(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) | 0;
    return ((state >>> 0) / 2 ** 32) * 2 - 1;
  };
}

/** Values that differ by at least `gap` from each other and by half of that from zero: away from kinks. */
export function spaced(dims: readonly number[], seed: number, gap = 0.05): ort.Tensor {
  const count = dims.reduce((a, b) => a * b, 1);
  const random = noise(seed);
  const values = Array.from({ length: count }, (_, i) => (i - Math.floor(count / 2) + 0.5) * gap);
  const order = values.map((value) => [random(), value]).sort((a, b) => a[0] - b[0]);
  return new ort.Tensor(
    'float32',
    Float32Array.from(order, ([, value]) => value),
    [...dims],
  );
}

export function random(dims: readonly number[], seed: number, scale = 1): ort.Tensor {
  const next = noise(seed);
  const count = dims.reduce((a, b) => a * b, 1);
  return new ort.Tensor(
    'float32',
    Float32Array.from({ length: count }, () => next() * scale),
    [...dims],
  );
}

/** A graph with float inputs, the first dimension symbolic where it says so. */
export function graphOf(
  inputs: Record<string, readonly Dim[]>,
  write: (g: Builder) => string | string[],
  opset = 18,
): Graph {
  const g = new Builder(Object.keys(inputs));
  const outputs = [write(g)].flat();
  const value = (name: string, dims?: readonly Dim[]): Value => ({ name, type: 'float32', dims });
  const graph: Graph = {
    opset,
    domains: new Map(),
    inputs: Object.entries(inputs).map(([name, dims]) => value(name, dims)),
    outputs: outputs.map((name) => value(name)),
    nodes: g.nodes,
    constants: g.constants,
    stated: new Map(),
  };
  return parseModel(serializeModel(graph));
}

const evaluate = async (session: ort.InferenceSession, feeds: Feeds): Promise<Feeds> =>
  (await session.run(feeds)) as Feeds;

const numbersOf = ({ data }: ort.Tensor) => data as Float32Array;

export interface Differences {
  step?: number;
  /** Of an input with more elements so many random directions are taken, which a wrong element shows in as well. Default: each element. */
  directions?: number;
}

/**
 * Compares gradients with central differences of fourth order: relative error of the whole vector below 1e-3,
 * for the one-piece model and for the split one.
 */
export async function expectGradients(
  graph: Graph,
  feeds: Feeds,
  { step = 5e-3, directions = Infinity, ...request }: GradientOptions & Differences = {},
): Promise<void> {
  const plain = await openSession(graph);
  const outputs = await plain.run(feeds);
  const names = request.outputs ?? graph.outputs.map(({ name }) => name);
  const inputs = request.inputs ?? graph.inputs.map(({ name }) => name);
  const weights = Object.fromEntries(
    names.map((name, i) => [cotangentOf(name), random(outputs[name].dims, 77 + i)]),
  );
  const both = await openSession(withGradients(graph, request));
  const whole = await evaluate(both, { ...feeds, ...weights });
  const halves = await split(graph, feeds, weights, request);

  const objective = async () => {
    const result = await evaluate(plain, feeds);
    return names.reduce(
      (total, name) => total + dot(numbersOf(result[name]), numbersOf(weights[cotangentOf(name)])),
      0,
    );
  };
  for (const input of inputs) {
    const values = feeds[input].data as Float32Array;
    const original = values.slice();
    const along = directionsOf(values.length, directions);
    const numeric = new Float64Array(along.length);
    for (const [i, direction] of along.entries()) {
      const at = async (offset: number) => {
        direction.forEach((share, k) => (values[k] = original[k] + offset * share));
        return objective();
      };
      const near = (await at(step)) - (await at(-step));
      const far = (await at(2 * step)) - (await at(-2 * step));
      numeric[i] = (8 * near - far) / (12 * step);
    }
    values.set(original);
    for (const found of [whole[gradientOf(input)], halves[gradientOf(input)]]) {
      expect(found.dims).toEqual(feeds[input].dims);
      const slopes = along.map((direction) => dot(numbersOf(found), direction));
      expect(relativeError(slopes, numeric), `gradient with respect to ${input}`).toBeLessThan(1e-3);
    }
  }
  await Promise.all([plain.release(), both.release()]);
}

/** Each element alone, or if there are more than `most` so many mixtures of all. */
const directionsOf = (count: number, most: number): Float32Array[] =>
  Array.from({ length: Math.min(count, most) }, (_, i) =>
    count > most
      ? (random([count], 31 + i).data as Float32Array)
      : Float32Array.from({ length: count }, (_, k) => (k === i ? 1 : 0)),
  );

async function split(graph: Graph, feeds: Feeds, weights: Feeds, request: GradientOptions) {
  const { forward, backward, saved } = splitGradients(graph, request);
  const [ahead, back] = [await openSession(forward), await openSession(backward)];
  const outputs = await ahead.run(feeds);
  const kept = Object.fromEntries(saved.map((name) => [name, outputs[name] ?? feeds[name]]));
  const used = Object.entries({ ...kept, ...weights }).filter(([name]) => back.inputNames.includes(name));
  const result = await evaluate(back, Object.fromEntries(used));
  await Promise.all([ahead.release(), back.release()]);
  return result;
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);

export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference += (found[i] - expected[i]) ** 2;
    size += expected[i] ** 2;
  }
  return Math.sqrt(difference / Math.max(size, 1e-12));
}
