import * as tf from '@tensorflow/tfjs-core';
import type { Stream } from '../random/streams.js';
import { flatRows } from '../tensors/rows.js';
import { estimateGradient, pairs } from './estimated-gradient.js';
import type { LoadedVictim, Outputs, Scores } from './loaded-victim.js';
import type { AnyVictim, Features, FeatureSource, Gradient } from './victim.js';

/** What one sample has cost, kept by the host and not by the attack. */
export interface Ledger {
  forwards: Float64Array;
  gradients: Float64Array;
  /** Gradient evaluations that came back as exactly zero everywhere. */
  zeroGradients: Float64Array;
}

export const newLedger = (n: number): Ledger => ({
  forwards: new Float64Array(n),
  gradients: new Float64Array(n),
  zeroGradients: new Float64Array(n),
});

/**
 * The victim as an attack sees it: every pass is counted per sample of the batch. A call with fewer rows than
 * the view stands for (an attack that did not use `rows`) is shared evenly.
 */
export class CountedVictim implements AnyVictim {
  readonly #victim: LoadedVictim;
  readonly #ledger: Ledger;
  readonly #rows: readonly number[];

  /** For a victim whose gradients are estimated: the randomness, one stream per row of the ledger. */
  readonly #streams?: readonly Stream[];

  constructor(victim: LoadedVictim, ledger: Ledger, rows?: readonly number[], streams?: readonly Stream[]) {
    this.#victim = victim;
    this.#streams = streams;
    this.#ledger = ledger;
    this.#rows = rows ?? Array.from(ledger.forwards.keys());
  }

  get kind(): 'classifier' | 'autoencoder' {
    return this.#victim.traits.kind;
  }
  get inputShape(): readonly [number, number, number] {
    return this.#victim.traits.inputShape;
  }
  get bounds(): readonly [number, number] {
    return this.#victim.traits.bounds;
  }
  get classes(): number {
    return this.#victim.traits.classes;
  }
  get featureSource(): FeatureSource {
    return this.#victim.featureSource;
  }

  async predict(x: tf.Tensor4D): Promise<Scores> {
    this.#charge(this.#ledger.forwards, x.shape[0]);
    return this.#victim.predict(x);
  }

  features(x: tf.Tensor4D): Promise<Features> {
    return this.#victim.features(x);
  }

  async differentiate(
    x: tf.Tensor4D,
    objective: (outputs: Outputs) => tf.Tensor1D,
  ): Promise<Gradient<Outputs>> {
    const n = x.shape[0];
    if (this.#streams) {
      this.#charge(this.#ledger.forwards, n * (2 * pairs + 1));
      const streams = this.#rows.map((row) => this.#streams![row]);
      return estimateGradient(this.#victim, x, objective, streams);
    }
    this.#charge(this.#ledger.forwards, n);
    this.#charge(this.#ledger.gradients, n);
    const result = await this.#victim.differentiate(x, objective);
    const largest = tf.tidy(() => tf.max(tf.abs(flatRows(result.gradient)), 1));
    const sizes = await largest.data();
    largest.dispose();
    if (n === this.#rows.length) {
      this.#rows.forEach((row, i) => (this.#ledger.zeroGradients[row] += sizes[i] === 0 ? 1 : 0));
    }
    return result;
  }

  rows(rows: readonly number[]): AnyVictim {
    return new CountedVictim(
      this.#victim,
      this.#ledger,
      rows.map((row) => this.#rows[row]),
      this.#streams,
    );
  }

  #charge(account: Float64Array, n: number): void {
    for (const row of this.#rows) account[row] += n / this.#rows.length;
  }
}
