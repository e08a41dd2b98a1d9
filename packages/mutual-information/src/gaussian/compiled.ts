import { type GraphRunner, tensorOf, tf, valuesOf } from '@gauntlet/api';
import type { Session, View } from '../estimator.js';
import { neverAlone, rowsOf } from '../rows.js';
import { type CleanSide, information } from './gaussian.js';
import { type GaussianGraphs, gaussianGraphs, type Shape } from './graphs.js';
import * as ort from 'onnxruntime-node';

/**
 * The Gaussian estimate on ONNX Runtime: what grows with the positions (covariances, and the gradient's products)
 * in graphs, the algebra of channels × channels matrices on the host in double precision.
 */
export class CompiledGaussianSession implements Session {
  #precisions: Float64Array[];
  /** [n,P,C] and [n,1,1] of the clean side. */
  #u: ort.Tensor;
  #scale: ort.Tensor;
  readonly #shape: Shape;
  readonly #graphs: GaussianGraphs;

  constructor(sides: readonly CleanSide[], shape: Shape, open: GraphRunner) {
    const [n, h, w, channels] = shape;
    const u = new Float32Array(n * h * w * channels);
    sides.forEach((side, i) => u.set(side.u, i * h * w * channels));
    const scales = Float32Array.from(sides, ({ scale }) => scale);
    this.#u = neverAlone(new ort.Tensor('float32', u, [n, h * w, channels]));
    this.#scale = neverAlone(new ort.Tensor('float32', scales, [n, 1, 1]));
    this.#precisions = sides.map(({ precision }) => precision);
    this.#shape = shape;
    this.#graphs = gaussianGraphs(shape, open);
  }

  async estimate(perturbed: View): Promise<tf.Tensor1D> {
    const { results } = await this.#information(perturbed, false);
    return tf.tensor1d(results.map(({ value }) => value));
  }

  async differentiate(perturbed: View) {
    const { feeds, results } = await this.#information(perturbed, true);
    const channels = this.#shape[3];
    const matrices = (pick: (r: (typeof results)[number]) => Float64Array) => {
      const all = new Float32Array(results.length * channels * channels);
      results.forEach((result, i) => all.set(pick(result), i * channels * channels));
      return neverAlone(new ort.Tensor('float32', all, [results.length, channels, channels]));
    };
    const onV = matrices((result) => result.onV);
    const onU = matrices((result) => result.onU);
    const { size } = perturbed.preactivation;
    const { gradient } = await (await this.#graphs.gradient()).run({ ...feeds, onV, onU });
    return {
      value: tf.tensor1d(results.map(({ value }) => value)),
      of: 'preactivation' as const,
      cotangent: tensorOf<tf.Rank.R4>(
        (gradient.data as Float32Array).subarray(0, size),
        perturbed.preactivation.shape,
      ),
    };
  }

  async train(): Promise<void> {}

  keep(rows: readonly number[]): void {
    this.#precisions = rows.map((row) => this.#precisions[row]);
    this.#u = neverAlone(rowsOf(this.#u, rows));
    this.#scale = neverAlone(rowsOf(this.#scale, rows));
  }

  dispose(): void {
    this.keep([]);
  }

  async #information(perturbed: View, gradient: boolean) {
    const [, h, w, channels] = this.#shape;
    const data = await valuesOf(perturbed.preactivation);
    const part = neverAlone(new ort.Tensor('float32', data, [this.#precisions.length, h, w, channels]));
    const feeds = { u: this.#u, scale: this.#scale, part };
    const { variance, cross } = await (await this.#graphs.covariances()).run(feeds);
    const size = channels * channels;
    const matrix = ({ data }: ort.Tensor, i: number) =>
      new Float64Array((data as Float32Array).subarray(i * size, (i + 1) * size));
    const results = this.#precisions.map((precision, i) =>
      information(precision, matrix(variance, i), matrix(cross, i), channels, gradient),
    );
    return { feeds, results };
  }
}
