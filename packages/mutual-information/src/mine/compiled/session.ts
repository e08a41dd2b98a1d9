import { type GraphRunner, type Stream, tf } from '@gauntlet/api';
import type { Session, View } from '../../estimator.js';
import { neverAlone, rowsOf } from '../../rows.js';
import { correctionAt } from '../adam.js';
import type { Critic } from '../critics.js';
import type { Marginals } from '../donsker-varadhan.js';
import { drawShuffle } from '../permute.js';
import type { Sampling } from '../sampling.js';
import {
  differentiateGraph,
  first,
  type MineShape,
  next,
  samplesGraph,
  second,
  seed,
  theta,
  trainGraph,
} from './graphs.js';
import { serializeModel } from '@gauntlet/onnx-gradient';
import * as ort from 'onnxruntime-node';

type Arrays = Record<string, ort.Tensor>;

/**
 * MINE for a batch as compiled graphs on ONNX Runtime: one step of training is one run, which gives the networks'
 * next state (in fresh tensors: writing into old ones took twice the time). Numbers as `MineSession`'s.
 */
export class CompiledMineSession implements Session {
  /** Everything of the clean side, and the networks with their moments: one row per sample each. */
  #state: Arrays;
  /** One for each sample. */
  #streams: readonly Stream[];
  #steps = 0;
  readonly #sampling: Sampling;
  readonly #marginals: Marginals;
  readonly #samples: Promise<ort.InferenceSession>;
  readonly #training: Promise<ort.InferenceSession>;
  readonly #differentiating: Promise<ort.InferenceSession>;

  private constructor(
    shape: MineShape,
    sampling: Sampling,
    state: Arrays,
    streams: readonly Stream[],
    open: GraphRunner,
  ) {
    this.#sampling = sampling;
    this.#marginals = shape.marginals;
    this.#state = state;
    this.#streams = streams;
    [this.#samples, this.#training, this.#differentiating] = compiled(shape, open);
  }

  static async open(
    critic: Critic,
    sampling: Sampling,
    marginals: Marginals,
    learningRate: number,
    streams: readonly Stream[],
    open: GraphRunner,
  ): Promise<CompiledMineSession> {
    const rest = (tensor: tf.Tensor) => tensor.shape.slice(1);
    const extra = sampling.written.state();
    const shape: MineShape = {
      critic: critic.written,
      sampling: sampling.written,
      marginals,
      parameters: critic.parameters.map(rest),
      u: rest(sampling.u),
      state: Object.fromEntries(Object.entries(extra).map(([name, tensor]) => [name, rest(tensor)])),
      rates: critic.rates.map((rate) => rate * learningRate),
    };
    const named: Record<string, tf.Tensor> = { u: sampling.u, ...extra };
    critic.parameters.forEach((parameter, i) => (named[theta(i)] = parameter));
    const state: Arrays = {};
    for (const [name, tensor] of Object.entries(named)) state[name] = await moved(tensor);
    critic.parameters.forEach((_, i) => {
      const { size, dims } = state[theta(i)];
      for (const name of [first(i), second(i)])
        state[name] = new ort.Tensor('float32', new Float32Array(size), dims);
    });
    tf.dispose([...critic.parameters]);
    return new CompiledMineSession(shape, sampling, state, streams, open);
  }

  async estimate(perturbed: View): Promise<tf.Tensor1D> {
    const { value } = await this.#evaluate(perturbed, ['value']);
    return tf.tensor1d(this.#own(value, 1));
  }

  async differentiate(perturbed: View) {
    const { of } = this.#sampling;
    const { value, 'gradient:part': gradient } = await this.#evaluate(perturbed, ['value', 'gradient:part']);
    return {
      value: tf.tensor1d(this.#own(value, 1)),
      of,
      cotangent: tf.tensor4d(
        this.#own(gradient, perturbed[of].size / this.#streams.length),
        perturbed[of].shape,
      ),
    };
  }

  async train(perturbed: View, steps: number): Promise<void> {
    const samples = await this.#samples;
    const session = await this.#training;
    const part = await moved(perturbed[this.#sampling.of]);
    const { v } = await samples.run(this.#feeds(samples, { part }));
    for (let step = 0; step < steps; step++) {
      this.#steps++;
      const correction = new ort.Tensor('float32', Float32Array.of(correctionAt(this.#steps)), [1]);
      const made = await session.run(this.#feeds(session, { v: v as ort.Tensor, correction }));
      for (const name of session.outputNames)
        this.#state[name.slice(0, -next('').length)] = made[name] as ort.Tensor;
    }
  }

  keep(rows: readonly number[]): void {
    this.#state = Object.fromEntries(
      Object.entries(this.#state).map(([name, tensor]) => [name, neverAlone(rowsOf(tensor, rows))]),
    );
    this.#streams = rows.map((row) => this.#streams[row]);
  }

  dispose(): void {
    this.#sampling.dispose();
    this.#state = {};
  }

  async #evaluate(perturbed: View, outputs: readonly string[]): Promise<Arrays> {
    const session = await this.#differentiating;
    const part = await moved(perturbed[this.#sampling.of]);
    return (await session.run(this.#feeds(session, { part }), outputs)) as Arrays;
  }

  /** The rows of the samples, without the copy that a single one comes with. */
  #own({ data }: ort.Tensor, size: number): Float32Array {
    return (data as Float32Array).subarray(0, this.#streams.length * size);
  }

  #feeds(session: ort.InferenceSession, given: Arrays): Arrays {
    const n = this.#state.u.dims[0];
    const all: Arrays = { ...this.#state, ...given };
    all[seed] = new ort.Tensor('float32', new Float32Array(n).fill(1), [n]);
    if (this.#marginals === 'shuffle' && session.inputNames.includes('order')) {
      const k = this.#state.u.dims[1];
      const { order: drawn } = drawShuffle(this.#streams, k);
      const order =
        n > this.#streams.length ? Int32Array.of(...drawn, ...drawn.map((row) => row + k)) : drawn;
      all.order = new ort.Tensor('int64', widened(order), [order.length]);
    }
    return Object.fromEntries(session.inputNames.map((name) => [name, all[name]]));
  }
}

/** Graphs depend on sizes alone, and runs open many sessions of the same sizes. */
type Compiled = [
  samples: Promise<ort.InferenceSession>,
  training: Promise<ort.InferenceSession>,
  differentiating: Promise<ort.InferenceSession>,
];
const caches = new WeakMap<GraphRunner, Map<string, Compiled>>();

function compiled(shape: MineShape, open: GraphRunner): Compiled {
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
  const cache = caches.get(open) ?? new Map<string, Compiled>();
  caches.set(open, cache);
  let found = cache.get(key);
  if (!found) {
    found = [
      open(serializeModel(samplesGraph(shape))),
      open(serializeModel(trainGraph(shape))),
      open(serializeModel(differentiateGraph(shape))),
    ];
    cache.set(key, found);
  }
  return found;
}

/** As 64-bit integers: the low halves are the numbers, which are not negative (a tenth of the time of BigInt.from). */
function widened(numbers: Int32Array): BigInt64Array {
  const wide = new BigInt64Array(numbers.length);
  const halves = new Int32Array(wide.buffer);
  for (let i = 0; i < numbers.length; i++) halves[2 * i] = numbers[i];
  return wide;
}

async function moved(tensor: tf.Tensor): Promise<ort.Tensor> {
  return neverAlone(new ort.Tensor('float32', (await tensor.data()) as Float32Array, tensor.shape));
}
