import { tf } from '@gauntlet/api';
import type { Estimator, Session, View } from '../estimator.js';
import { type CleanSide, gaussianEstimate, prepareClean } from './gaussian.js';

/** The Gaussian estimate on positions of the first convolution, before its activation. Needs no training. */
export const gaussian: Estimator = {
  name: 'gaussian',
  description: 'Gaussian estimate, positions of the first convolution before the activation, λ 0.01',
  // Features and their gradient on the host; 32 channels at every position are typical.
  bytesPerSample: ([h, w]) => 3 * 4 * 32 * h * w,
  async open(clean, _streams, graphs) {
    const [n, h, w, channels] = clean.preactivation.shape;
    const positions = h * w;
    const size = positions * channels;
    const data = (await clean.preactivation.data()) as Float32Array;
    const sides = Array.from({ length: n }, (_, i) =>
      prepareClean(data.subarray(i * size, (i + 1) * size), positions, channels),
    );
    if (graphs) {
      const { CompiledGaussianSession } = await import('./compiled.js');
      return new CompiledGaussianSession(sides, clean.preactivation.shape, graphs);
    }
    return new GaussianSession(sides, positions, channels);
  },
};

class GaussianSession implements Session {
  #sides: CleanSide[];
  readonly #positions: number;
  readonly #channels: number;

  constructor(sides: CleanSide[], positions: number, channels: number) {
    this.#sides = sides;
    this.#positions = positions;
    this.#channels = channels;
  }

  async estimate(perturbed: View): Promise<tf.Tensor1D> {
    const data = (await perturbed.preactivation.data()) as Float32Array;
    return tf.tensor1d(this.#sides.map((_, i) => this.#one(i, data)));
  }

  async differentiate(perturbed: View) {
    const data = (await perturbed.preactivation.data()) as Float32Array;
    const gradient = new Float32Array(data.length);
    const values = this.#sides.map((_, i) => this.#one(i, data, gradient));
    return {
      value: tf.tensor1d(values),
      of: 'preactivation' as const,
      cotangent: tf.tensor4d(gradient, perturbed.preactivation.shape),
    };
  }

  async train(): Promise<void> {}

  keep(rows: readonly number[]): void {
    this.#sides = rows.map((row) => this.#sides[row]);
  }

  dispose(): void {
    this.#sides = [];
  }

  #one(i: number, data: Float32Array, gradient?: Float32Array): number {
    const size = this.#positions * this.#channels;
    const part = (values: Float32Array) => values.subarray(i * size, (i + 1) * size);
    return gaussianEstimate(
      this.#sides[i],
      part(data),
      this.#positions,
      this.#channels,
      gradient && part(gradient),
    );
  }
}
