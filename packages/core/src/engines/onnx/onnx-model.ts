import {
  cotangentOf,
  gradientOf,
  normalize,
  prune,
  splitGradients,
  type Graph,
} from '@gauntlet/onnx-gradient';
import * as tf from '@tensorflow/tfjs-core';
import type * as ort from 'onnxruntime-node';
import type { EngineModel, ModelFeatures, ModelOutputs } from '../engine.js';
import { names, type OutputName } from './names.js';
import { floats, openSession, type SessionPlace } from './session.js';
import { Missed, tapeObjective } from './tape.js';
import type { VictimGraph } from './victim-graph.js';

type Arrays = Record<string, ort.Tensor>;

/**
 * A model on ONNX Runtime. Differentiating runs the forward graph, tapes the objective over its outputs, and
 * feeds the cotangents to the backward graph together with the values that the forward pass saved for it.
 */
export class OnnxModel implements EngineModel {
  readonly inputShape: readonly number[];
  readonly softmaxRemoved: boolean;
  readonly convolution?: string;
  readonly hash: string;
  readonly notes: readonly string[];
  readonly bytesPerSample: number;
  readonly #victim: VictimGraph;
  readonly engine: string;
  readonly #place: SessionPlace;
  readonly #outputs: readonly OutputName[];
  #forward?: Promise<ort.InferenceSession>;
  #prefix?: Promise<ort.InferenceSession>;
  readonly #backward = new Map<string, Promise<Backward>>();
  /** What the last objective looked at: fetched ahead for the next one. */
  #wanted: ReadonlySet<OutputName> = new Set(['output']);
  /** Buffers of the last forward pass, which the next one of the same size writes into. */
  #buffers: { n: number; pass: Arrays[] } | undefined;

  constructor(victim: VictimGraph, place: SessionPlace, engine: string) {
    this.#victim = victim;
    this.#place = place;
    this.engine = engine;
    this.inputShape = victim.inputShape;
    this.softmaxRemoved = victim.softmaxRemoved;
    this.convolution = victim.convolution;
    this.hash = victim.hash;
    this.notes = victim.notes;
    this.#outputs = victim.convolution ? ['output', 'features', 'preactivation'] : ['output'];
    this.bytesPerSample = bytesOf(victim.graph);
  }

  async predict(x: tf.Tensor): Promise<ModelOutputs> {
    const fetches = this.#outputs.map((name) => names[name]);
    const pass = await this.#run(await this.#forwardSession(), x, fetches);
    return this.#tensors(pass, this.#outputs, x.shape[0]) as unknown as ModelOutputs;
  }

  async features(x: tf.Tensor): Promise<ModelFeatures> {
    const outputs = ['features', 'preactivation'] as const;
    this.#prefix ??= this.#open(prefixOf(this.#victim.graph, outputs.map((name) => names[name]))); // prettier-ignore
    const pass = await this.#run(await this.#prefix, x, outputs.map((name) => names[name])); // prettier-ignore
    return this.#tensors(pass, outputs, x.shape[0]) as unknown as ModelFeatures;
  }

  async differentiate(x: tf.Tensor, objective: (outputs: ModelOutputs) => tf.Tensor1D) {
    const n = x.shape[0];
    const session = await this.#forwardSession();
    for (;;) {
      const wanted = this.#outputs.filter((name) => this.#wanted.has(name));
      const fetched = new Set([...wanted.map((name) => names[name]), ...(await this.#saved())]);
      const reuse = this.#buffers?.n === n ? this.#buffers.pass : undefined;
      // Until this pass is through, its buffers are nobody else's.
      this.#buffers = undefined;
      const pass = await this.#run(session, x, [...fetched], reuse);
      const tensors = this.#tensors(pass, wanted, n);
      let taped;
      try {
        taped = tapeObjective(tensors, this.#outputs, objective);
      } catch (error) {
        tf.dispose(Object.values(tensors));
        if (!(error instanceof Missed)) throw error;
        this.#wanted = new Set([...this.#wanted, error.output]);
        continue;
      }
      if (taped.read.size > 0) this.#wanted = new Set([...taped.read, 'output']);
      const gradient = await this.#pullBack(taped.cotangents, pass, x);
      this.#buffers = { n, pass };
      const { output, ...rest } = tensors;
      tf.dispose([Object.values(rest), Object.values(taped.cotangents)]);
      return { value: taped.value, gradient, output: output! };
    }
  }

  dispose(): void {
    const all = [this.#forward, this.#prefix, ...[...this.#backward.values()].map(async (each) => (await each).session)]; // prettier-ignore
    for (const session of all) void session?.then((opened) => opened.release()).catch(() => {});
  }

  async #pullBack(
    cotangents: Partial<Record<OutputName, tf.Tensor>>,
    pass: readonly Arrays[],
    x: tf.Tensor,
  ): Promise<tf.Tensor> {
    const given = this.#outputs.filter((name) => cotangents[name]);
    if (given.length === 0) return tf.zerosLike(x);
    const { session, saved } = await this.#backwardFor(given);
    const rows: Record<string, tf.Tensor> = { [names.x]: x };
    for (const name of given) rows[cotangentOf(names[name])] = cotangents[name]!;
    const used = Object.entries(rows).filter(([name]) => session.inputNames.includes(name));
    const chunks = await this.#chunks(Object.fromEntries(used), x.shape[0]);
    const gradients: Float32Array[] = [];
    for (const [i, feeds] of chunks.entries()) {
      for (const name of saved) feeds[name] ??= pass[i][name];
      const result = await session.run(feeds);
      gradients.push(result[gradientOf(names.x)].data as Float32Array);
    }
    return tf.tensor(joined(gradients, x.size), x.shape);
  }

  /** Rows as feeds: all at once, or as many at a time as the graph takes, the last ones filled up with zeros. */
  async #chunks(rows: Record<string, tf.Tensor>, n: number): Promise<Arrays[]> {
    const size = this.#victim.fixedBatch ?? n;
    const chunks = Array.from({ length: Math.ceil(n / size) }, (): Arrays => ({}));
    for (const [name, tensor] of Object.entries(rows)) {
      const values = (await tensor.data()) as Float32Array;
      const width = values.length / n;
      chunks.forEach((feeds, i) => {
        const part = values.subarray(i * size * width, (i + 1) * size * width);
        const full = part.length === size * width ? part : joined([part], size * width);
        feeds[name] = floats(full, [size, ...tensor.shape.slice(1)]);
      });
    }
    return chunks;
  }

  /** Values that any backward pass may need. */
  async #saved(): Promise<string[]> {
    const { saved } = await this.#backwardFor(this.#outputs);
    return saved.filter((name) => name !== names.x);
  }

  #backwardFor(outputs: readonly OutputName[]): Promise<Backward> {
    const key = outputs.join();
    let found = this.#backward.get(key);
    if (!found) {
      found = this.#compile(outputs);
      this.#backward.set(key, found);
    }
    return found;
  }

  async #compile(outputs: readonly OutputName[]): Promise<Backward> {
    const { backward, saved } = this.#split(outputs);
    return { session: await this.#open(backward), saved };
  }

  #split(outputs: readonly OutputName[]) {
    const maxPool = this.#place.provider === 'webgpu' ? 'equality' : 'indices';
    return splitGradients(this.#victim.graph, { inputs: [names.x], outputs: outputs.map((name) => names[name]), maxPool }); // prettier-ignore
  }

  #forwardSession(): Promise<ort.InferenceSession> {
    this.#forward ??= this.#open(this.#split(this.#outputs).forward);
    return this.#forward;
  }

  #open(graph: Graph): Promise<ort.InferenceSession> {
    return openSession(graph, this.#place, this.#victim.file);
  }

  async #run(
    session: ort.InferenceSession,
    x: tf.Tensor,
    fetches: readonly string[],
    reuse?: readonly Arrays[],
  ): Promise<Arrays[]> {
    const pass: Arrays[] = [];
    for (const [i, feeds] of (await this.#chunks({ [names.x]: x }, x.shape[0])).entries()) {
      const wanted = Object.fromEntries(fetches.map((name) => [name, reuse?.[i][name] ?? null]));
      pass.push((await session.run(feeds, wanted)) as Arrays);
    }
    return pass;
  }

  #tensors(pass: readonly Arrays[], outputs: readonly OutputName[], n: number): Partial<Record<OutputName, tf.Tensor>> { // prettier-ignore
    return Object.fromEntries(
      outputs.map((name) => {
        const dims = pass[0][names[name]].dims.slice(1);
        const size = n * dims.reduce((a, b) => a * b, 1);
        const parts = pass.map((arrays) => arrays[names[name]].data as Float32Array);
        return [name, tf.tensor(joined(parts, size), [n, ...dims])];
      }),
    );
  }
}

/** One array of `length` from several, cut or filled up with zeros. A copy, always: buffers are used again. */
function joined(parts: readonly Float32Array[], length: number): Float32Array {
  const all = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part.subarray(0, length - at), at);
    at += part.length;
  }
  return all;
}

interface Backward {
  session: ort.InferenceSession;
  saved: string[];
}

const prefixOf = (graph: Graph, outputs: readonly string[]): Graph => ({
  ...graph,
  outputs: graph.outputs.filter(({ name }) => outputs.includes(name)),
  ...prune(graph, outputs),
});

/** Every value of one sample once forward and once backward: an upper bound, since runtimes reuse memory. */
function bytesOf(graph: Graph): number {
  const { graph: whole, types } = normalize(graph);
  const size = (name: string) =>
    (types.dims(name) ?? []).reduce<number>((total, dim) => total * (typeof dim === 'number' ? dim : 1), 4);
  return 2 * whole.nodes.reduce((sum, node) => sum + size(node.outputs[0]), 0);
}
