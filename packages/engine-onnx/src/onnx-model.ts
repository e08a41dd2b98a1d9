import { adviceOn, adviceOnRunning } from './advice.js';
import {
  type EngineModel,
  GauntletError,
  type HostValues,
  type ImageOrder,
  type ModelFeatures,
  type ModelObjective,
  tensorOf,
  tf,
} from '@gauntlet/api';
import {
  cotangentOf,
  gradientOf,
  type GradientOptions,
  type Graph,
  OnnxGradientError,
  prune,
  splitGradients,
  steppedOperators,
} from '@gauntlet/onnx-gradient';
import { sizesOf } from './graph-sizes.js';
import { type Arrays, hostValues } from './host-values.js';
import { LossSessions } from './loss-sessions.js';
import { names, type OutputName } from './names.js';
import { floats, joined, openSession, refusing, type SessionPlace } from './session.js';
import { Missed, tapeObjective } from './tape.js';
import type { VictimGraph } from './victim-graph.js';
import type * as ort from 'onnxruntime-node';

/** Both directions for one choice of outputs. */
interface Pass {
  forward: ort.InferenceSession;
  backward: ort.InferenceSession;
  /** Values that the forward session hands to the backward one. */
  saved: readonly string[];
}

/**
 * A model on ONNX Runtime. Differentiating runs the forward graph, tapes the objective over its outputs, and
 * feeds the cotangents to the backward graph together with the values that the forward pass saved for it.
 * A loss that it knows is part of the graph, and then one graph does it all.
 * Graphs are compiled for the outputs that are asked for, when they are first asked for.
 */
export class OnnxModel implements EngineModel {
  readonly inputShape: readonly number[];
  readonly flatOrder?: ImageOrder;
  readonly softmaxRemoved: boolean;
  readonly sigmoid?: 'last' | 'removed';
  readonly convolution?: string;
  readonly straightThrough?: readonly string[];
  readonly hash: string;
  readonly notes: readonly string[];
  readonly engine: string;
  readonly bytesPerSample: number;
  readonly #victim: VictimGraph;
  readonly #place: SessionPlace;
  readonly #outputs: readonly OutputName[];
  readonly #plain = new Map<string, Promise<ort.InferenceSession>>();
  readonly #passes = new Map<string, Promise<Pass>>();
  /** Absent where the graph does not tell how many numbers the output has, and where it takes no batch of any size. */
  readonly #losses?: LossSessions;
  /** What the last objective looked at: fetched ahead for the next one. */
  #wanted: readonly OutputName[] = ['output'];

  constructor(victim: VictimGraph, place: SessionPlace, engine: string) {
    this.#victim = victim;
    this.#place = place;
    this.engine = engine;
    this.inputShape = victim.inputShape;
    this.flatOrder = victim.flatOrder;
    this.softmaxRemoved = victim.softmaxRemoved;
    this.sigmoid = victim.sigmoid;
    this.convolution = victim.convolution;
    this.straightThrough = victim.straightThrough;
    this.hash = victim.hash;
    this.notes = victim.notes;
    this.#outputs = victim.convolution ? ['output', 'features', 'preactivation'] : ['output'];
    const { bytesPerSample, width } = sizesOf(victim.graph);
    this.bytesPerSample = bytesPerSample;
    if (width !== undefined && victim.fixedBatch === undefined) {
      const graphOf = (outputs: readonly OutputName[]) =>
        only(
          this.#differentiated,
          outputs.map((name) => names[name]),
        );
      this.#losses = new LossSessions(graphOf, width, this.#gradients, (graph) => this.#open(graph));
    }
  }

  async predict(x: tf.Tensor): Promise<tf.Tensor> {
    const { output } = await this.#evaluate(x, ['output']);
    return output!;
  }

  async features(x: tf.Tensor): Promise<ModelFeatures> {
    return (await this.#evaluate(x, ['features', 'preactivation'])) as ModelFeatures;
  }

  async preactivation(x: tf.Tensor): Promise<HostValues> {
    return hostValues(await this.#runPlain(x, ['preactivation']), names.preactivation, x.shape[0]);
  }

  async differentiate(x: tf.Tensor, objective: ModelObjective) {
    const { file, noGradient } = this.#victim;
    if (noGradient) throw new GauntletError('model-unsupported', `${file}: ${noGradient}`);
    const { labelLoss, penalty } = objective;
    const losses = this.#losses;
    if (losses && penalty) return this.#differentiable(() => losses.penalise(x, penalty));
    if (losses && labelLoss) return this.#differentiable(() => losses.differentiate(x, labelLoss));
    const n = x.shape[0];
    for (;;) {
      const wanted = this.#wanted;
      const pass = await this.#pass(wanted);
      const fetches = [
        ...wanted.map((name) => names[name]),
        ...pass.saved.filter((name) => name !== names.x),
      ];
      const results = await this.#run(pass.forward, x, fetches);
      const tensors = this.#tensors(results, wanted, n);
      let taped;
      try {
        taped = tapeObjective(tensors, this.#outputs, objective);
      } catch (error) {
        tf.dispose(Object.values(tensors));
        if (!(error instanceof Missed)) throw error;
        const missed = error.output;
        this.#wanted = this.#outputs.filter((name) => name === missed || wanted.includes(name));
        continue;
      }
      const { read, value, cotangents } = taped;
      this.#wanted = this.#outputs.filter((name) => name === 'output' || read.has(name));
      const gradient = await this.#pullBack(pass, wanted, cotangents, results, x);
      const { output, ...rest } = tensors;
      tf.dispose([Object.values(rest), Object.values(cotangents)]);
      return { value, gradient, output: output! };
    }
  }

  dispose(): void {
    const release = (session: ort.InferenceSession) => session.release();
    this.#losses?.release();
    for (const plain of this.#plain.values()) void plain.then(release).catch(() => {});
    for (const pass of this.#passes.values()) {
      void pass
        .then(({ forward, backward }) => Promise.all([forward, backward].map(release)))
        .catch(() => {});
    }
  }

  async #evaluate(x: tf.Tensor, outputs: readonly OutputName[]) {
    return this.#tensors(await this.#runPlain(x, outputs), outputs, x.shape[0]);
  }

  async #runPlain(x: tf.Tensor, outputs: readonly OutputName[]): Promise<Arrays[]> {
    const key = outputs.join();
    const wanted = outputs.map((name) => names[name]);
    let session = this.#plain.get(key);
    if (!session) {
      session = this.#open(only(this.#victim.graph, wanted));
      this.#plain.set(key, session);
    }
    return this.#run(await session, x, wanted);
  }

  #pass(outputs: readonly OutputName[]): Promise<Pass> {
    const key = outputs.join();
    let found = this.#passes.get(key);
    if (!found) {
      found = this.#compile(outputs);
      this.#passes.set(key, found);
    }
    return found;
  }

  async #compile(outputs: readonly OutputName[]): Promise<Pass> {
    const wanted = outputs.map((name) => names[name]);
    const graph = only(this.#differentiated, wanted);
    const { forward, backward, saved } = await this.#differentiable(async () =>
      splitGradients(graph, { inputs: [names.x], outputs: wanted, ...this.#gradients }),
    );
    return { forward: await this.#open(forward), backward: await this.#open(backward), saved };
  }

  /** What gradients are of. */
  get #differentiated(): Graph {
    return this.#victim.between ?? this.#victim.graph;
  }

  /** How gradients are compiled. */
  get #gradients(): GradientOptions {
    return {
      target: this.#place.provider === 'webgpu' ? 'webgpu' : 'any',
      straightThrough: this.straightThrough !== undefined,
    };
  }

  async #differentiable<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof OnnxGradientError)) throw error;
      const steps = this.straightThrough ? [] : steppedOperators(this.#victim.graph);
      const through = `"gradients: { straightThrough: true }" passes gradients through ${steps.join(', ')}, and`;
      const way = `In a spec, ${steps.length > 0 ? `${through} ` : ''}"gradients: estimated" attacks the model by forward passes alone, as square and hop-skip-jump do.`;
      throw new GauntletError(error.code, `${this.#victim.file}: ${error.message} ${way}`, { cause: error });
    }
  }

  #open(graph: Graph): Promise<ort.InferenceSession> {
    return openSession(graph, this.#place, this.#victim.file, adviceOn);
  }

  async #pullBack(
    { backward, saved }: Pass,
    wanted: readonly OutputName[],
    cotangents: Partial<Record<OutputName, tf.Tensor>>,
    forward: readonly Arrays[],
    x: tf.Tensor,
  ): Promise<tf.Tensor> {
    const rows: Record<string, tf.Tensor> = { [names.x]: x };
    for (const name of wanted) {
      // Looked at, but of no influence.
      const like = forward[0][names[name]];
      cotangents[name] ??= tf.zeros([x.shape[0], ...like.dims.slice(1)]);
      rows[cotangentOf(names[name])] = cotangents[name];
    }
    const used = Object.entries(rows).filter(([name]) => backward.inputNames.includes(name));
    const chunks = await this.#chunks(Object.fromEntries(used), x.shape[0]);
    const gradients: Float32Array[] = [];
    for (const [i, feeds] of chunks.entries()) {
      for (const name of saved) feeds[name] ??= forward[i][name];
      const result = await backward.run(feeds);
      gradients.push(result[gradientOf(names.x)].data as Float32Array);
    }
    return tensorOf(joined(gradients, x.size), x.shape);
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

  async #run(session: ort.InferenceSession, x: tf.Tensor, fetches: readonly string[]): Promise<Arrays[]> {
    const results: Arrays[] = [];
    for (const feeds of await this.#chunks({ [names.x]: x }, x.shape[0])) {
      const run = () => session.run(feeds, fetches);
      results.push((await refusing(this.#victim.file, run, adviceOnRunning)) as Arrays);
    }
    return results;
  }

  #tensors(
    pass: readonly Arrays[],
    outputs: readonly OutputName[],
    n: number,
  ): Partial<Record<OutputName, tf.Tensor>> {
    return Object.fromEntries(
      outputs.map((name) => {
        const { values, shape } = hostValues(pass, names[name], n);
        return [name, tensorOf(values, [...shape])];
      }),
    );
  }
}

/** The graph without what these outputs do not need. */
const only = (graph: Graph, outputs: readonly string[]): Graph => ({
  ...graph,
  outputs: graph.outputs.filter(({ name }) => outputs.includes(name)),
  ...prune(graph, outputs),
});
