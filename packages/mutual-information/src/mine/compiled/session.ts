import { type GraphRunner, type Stream, tensorOf, tf, valuesOf } from '@gauntlet/api';
import type { Session, View } from '../../estimator.js';
import { neverAlone, rowsOfGroups } from '../../rows.js';
import { correctionAt } from '../adam.js';
import type { Critic } from '../critics.js';
import type { Marginals } from '../donsker-varadhan.js';
import type { Sampling } from '../sampling.js';
import { first, mineGraph, type MineShape, next, second, seed, theta } from './graphs.js';
import { serializeModel } from '@gauntlet/onnx-gradient';
import * as ort from 'onnxruntime-node';

type Arrays = Record<string, ort.Tensor>;

/** Bytes of networks and moments that a step of training goes through again and again, so that a core's caches hold them. */
const cached = 2 ** 20;

/** So many samples at a time: an even number up to 8, so that none of them is ever alone. */
function groupSize(parameters: MineShape['parameters']): number {
  const bytes = 3 * 4 * parameters.reduce((sum, dims) => sum + dims.reduce((a, b) => a * b, 1), 0);
  return 2 * Math.min(4, Math.max(1, Math.floor(cached / (2 * bytes))));
}

/**
 * MINE for a batch as a compiled graph on ONNX Runtime: all steps of training and the estimate behind them are one run, which
 * gives the networks' next state (in fresh tensors: writing into old ones took twice the time). Numbers as `MineSession`'s.
 */
export class CompiledMineSession implements Session {
  /** Everything of the clean side, and the networks with their moments: one row per sample each, in groups. */
  #groups: Arrays[];
  /** One for each sample. */
  #streams: readonly Stream[];
  #steps = 0;
  readonly #sampling: Sampling;
  readonly #marginals: Marginals;
  readonly #size: number;
  /** K. */
  readonly #samples: number;
  readonly #session: Promise<ort.InferenceSession>;

  private constructor(
    shape: MineShape,
    sampling: Sampling,
    state: Arrays,
    streams: readonly Stream[],
    open: GraphRunner,
  ) {
    this.#sampling = sampling;
    this.#marginals = shape.marginals;
    this.#samples = sampling.u.shape[1];
    this.#size = open.onProcessor ? groupSize(shape.parameters) : Infinity;
    this.#streams = streams;
    this.#groups = this.#grouped([state], Infinity, [...streams.keys()]);
    this.#session = compiled(shape, open);
  }

  static async open(
    critic: Critic,
    sampling: Sampling,
    marginals: Marginals,
    learningRate: number,
    streams: readonly Stream[],
    open: GraphRunner,
  ): Promise<CompiledMineSession> {
    const extra = sampling.written.state();
    const state: Arrays = { u: await moved(sampling.u, sampling.written.columns) };
    for (const [name, tensor] of Object.entries(extra)) state[name] = await moved(tensor);
    for (const [i, parameter] of critic.parameters.entries())
      state[theta(i)] = await moved(parameter, critic.written.turned.includes(i));
    const rest = (name: string) => state[name].dims.slice(1);
    const shape: MineShape = {
      critic: critic.written,
      sampling: sampling.written,
      marginals,
      parameters: critic.parameters.map((_, i) => rest(theta(i))),
      u: rest('u'),
      state: Object.fromEntries(Object.keys(extra).map((name) => [name, rest(name)])),
      rates: critic.rates.map((rate) => rate * learningRate),
    };
    critic.parameters.forEach((_, i) => {
      const { size, dims } = state[theta(i)];
      for (const name of [first(i), second(i)])
        state[name] = new ort.Tensor('float32', new Float32Array(size), dims);
    });
    tf.dispose([...critic.parameters]);
    return new CompiledMineSession(shape, sampling, state, streams, open);
  }

  get of(): keyof View {
    return this.#sampling.of;
  }

  async estimate(perturbed: View): Promise<tf.Tensor1D> {
    const { value } = await this.#run(perturbed, 0, ['value']);
    return tf.tensor1d(value);
  }

  async differentiate(perturbed: View, steps = 0) {
    const { of } = this.#sampling;
    const { value, 'gradient:part': gradient } = await this.#run(perturbed, steps, [
      'value',
      'gradient:part',
    ]);
    return { value: tf.tensor1d(value), of, cotangent: tensorOf<tf.Rank.R4>(gradient, perturbed[of].shape) };
  }

  async train(perturbed: View, steps: number): Promise<void> {
    await this.#run(perturbed, steps, []);
  }

  keep(rows: readonly number[]): void {
    this.#groups = this.#grouped(this.#groups, this.#size, rows);
    this.#streams = rows.map((row) => this.#streams[row]);
  }

  dispose(): void {
    this.#sampling.dispose();
    this.#groups = [];
  }

  /** These rows in groups of this session's size, from groups of another. */
  #grouped(groups: readonly Arrays[], size: number, rows: readonly number[]): Arrays[] {
    const names = Object.keys(groups[0] ?? {});
    return this.#cut(rows).map((part) =>
      Object.fromEntries(
        names.map((name) => [
          name,
          neverAlone(
            rowsOfGroups(
              groups.map((group) => group[name]),
              size,
              part,
            ),
          ),
        ]),
      ),
    );
  }

  #cut<T>(rows: readonly T[]): T[][] {
    const size = Math.min(this.#size, Math.max(1, rows.length));
    return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) =>
      rows.slice(i * size, (i + 1) * size),
    );
  }

  /** So many steps of training, then an estimate, of which these outputs are asked for: n rows of each. */
  async #run<O extends string>(
    perturbed: View,
    steps: number,
    outputs: readonly O[],
  ): Promise<Record<O, Float32Array>> {
    const session = await this.#session;
    const part = perturbed[this.#sampling.of];
    const values = await valuesOf(part);
    const width = values.length / part.shape[0];
    const corrections = Float32Array.from({ length: steps }, (_, i) => correctionAt(this.#steps + i + 1));
    this.#steps += steps;
    const moving = steps > 0 ? session.outputNames.filter((name) => name.endsWith(next(''))) : [];
    const found = outputs.map(() => [] as Float32Array[]);
    let from = 0;
    for (const [at, streams] of this.#cut(this.#streams).entries()) {
      const rows = streams.length;
      const own = values.subarray(from * width, (from + rows) * width);
      const given = {
        ...this.#groups[at],
        part: neverAlone(new ort.Tensor('float32', own, [rows, ...part.shape.slice(1)])),
        corrections: new ort.Tensor('float32', corrections, [steps]),
        ...this.#constants(at, streams, steps, outputs.length > 0),
      };
      const made = (await session.run(given, [...outputs, ...moving])) as Arrays;
      for (const name of moving) this.#groups[at][name.slice(0, -next('').length)] = made[name];
      outputs.forEach((name, i) => {
        const { data, dims } = made[name];
        // Without the copy that a single row comes with.
        found[i].push((data as Float32Array).subarray(0, (data.length / dims[0]) * rows));
      });
      from += rows;
    }
    return Object.fromEntries(outputs.map((name, i) => [name, joined(found[i])])) as Record<O, Float32Array>;
  }

  /** The cotangent of the estimates, and permutations for each step and for the estimate behind them. */
  #constants(group: number, streams: readonly Stream[], steps: number, estimating: boolean): Arrays {
    const [n] = this.#groups[group].u.dims;
    const k = this.#samples;
    const ones = new ort.Tensor('float32', new Float32Array(n).fill(1), [n]);
    if (this.#marginals !== 'shuffle') return { [seed]: ones };
    const rows = new BigInt64Array((steps + 1) * n * k);
    // The low halves are the numbers, which are not negative: a tenth of the time of BigInt.
    const halves = new Int32Array(rows.buffer);
    for (let sample = 0; sample < n; sample++) {
      for (let step = 0; step < steps + (estimating ? 1 : 0); step++) {
        const at = (step * n + sample) * k;
        const permutation = streams[sample]?.permutation(k);
        // A sample that is alone comes twice, with the same permutations.
        for (let i = 0; i < k; i++)
          halves[2 * (at + i)] = sample * k + (permutation ? permutation[i] : halves[2 * (at - k + i)]);
      }
    }
    return { [seed]: ones, orders: new ort.Tensor('int64', rows, [steps + 1, n * k]) };
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0];
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Graphs depend on sizes alone, and runs open many sessions of the same sizes. */
const caches = new WeakMap<GraphRunner, Map<string, Promise<ort.InferenceSession>>>();

function compiled(shape: MineShape, open: GraphRunner): Promise<ort.InferenceSession> {
  const { critic, sampling, marginals, parameters, u, state, rates } = shape;
  const key = JSON.stringify([
    critic.kind,
    sampling.kind,
    sampling.part,
    marginals,
    parameters,
    u,
    state,
    rates,
  ]);
  const cache = caches.get(open) ?? new Map<string, Promise<ort.InferenceSession>>();
  caches.set(open, cache);
  let found = cache.get(key);
  if (!found) {
    found = open(serializeModel(mineGraph(shape)));
    cache.set(key, found);
  }
  return found;
}

/** The tensor's values, [n,b,a] for [n,a,b] if they are to be turned. */
async function moved(tensor: tf.Tensor, turn = false): Promise<ort.Tensor> {
  const held = turn ? tf.transpose(tensor, [0, 2, 1]) : tf.clone(tensor);
  const values = (await held.data()) as Float32Array;
  const made = neverAlone(new ort.Tensor('float32', values, held.shape));
  held.dispose();
  return made;
}
