import * as tf from '@tensorflow/tfjs-core';
import { budgetText, type Budget } from '../attacks/budget.js';
import type { GraphRunner } from '../engines/graph-runner.js';
import { GauntletError } from '../errors/gauntlet-error.js';
import type { Stream } from '../random/streams.js';
import { flatRows } from '../tensors/rows.js';
import { estimateGradient, pairs } from './estimated-gradient.js';
import type { LoadedVictim, Outputs, Scores } from './loaded-victim.js';
import type { Objective } from './objective.js';
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

/** How a victim is counted. */
export interface Counting {
  /** Positions in the ledger that the rows of a call are; all by default. */
  rows?: readonly number[];
  /** For a victim whose gradients are estimated: the randomness, one stream per row of the ledger. */
  streams?: readonly Stream[];
  /** An attack that asks for more than this is stopped. */
  budget?: Budget;
  /** Told what the victim said of which inputs, after every call that has a row for each of `rows`. */
  watch?: (rows: readonly number[], x: tf.Tensor4D, outputs: Outputs | Scores) => Promise<void>;
}

/**
 * The victim as an attack sees it: every pass is counted per sample of the batch. A call with fewer rows than
 * the view stands for (an attack that did not use `rows`) is shared evenly.
 */
export class CountedVictim implements AnyVictim {
  readonly #victim: LoadedVictim;
  readonly #ledger: Ledger;
  readonly #rows: readonly number[];
  readonly #counting: Counting;

  constructor(victim: LoadedVictim, ledger: Ledger, counting: Counting = {}) {
    this.#victim = victim;
    this.#ledger = ledger;
    this.#counting = counting;
    this.#rows = counting.rows ?? Array.from(ledger.forwards.keys());
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
  get graphs(): GraphRunner | undefined {
    return this.#victim.graphs;
  }

  async predict(x: tf.Tensor4D): Promise<Scores> {
    this.#charge('forwards', x.shape[0]);
    const outputs = await this.#victim.predict(x);
    await this.#tell(x, outputs);
    return outputs;
  }

  features(x: tf.Tensor4D): Promise<Features> {
    return this.#victim.features(x);
  }

  async differentiate<A = undefined>(
    x: tf.Tensor4D,
    objective: (outputs: Outputs) => Objective<A>,
  ): Promise<Gradient<Outputs, A>> {
    const n = x.shape[0];
    if (this.#counting.streams) {
      this.#charge('forwards', n * (2 * pairs + 1));
      const streams = this.#rows.map((row) => this.#counting.streams![row]);
      const estimated = await estimateGradient(this.#victim, x, objective, streams);
      await this.#tell(x, estimated.outputs);
      return estimated;
    }
    this.#charge('forwards', n);
    this.#charge('gradients', n);
    const result = await this.#victim.differentiate(x, objective);
    const largest = tf.tidy(() => tf.max(tf.abs(flatRows(result.gradient)), 1));
    const sizes = await largest.data();
    largest.dispose();
    if (n === this.#rows.length) {
      this.#rows.forEach((row, i) => (this.#ledger.zeroGradients[row] += sizes[i] === 0 ? 1 : 0));
    }
    await this.#tell(x, result.outputs);
    return result;
  }

  rows(rows: readonly number[]): AnyVictim {
    return new CountedVictim(this.#victim, this.#ledger, {
      ...this.#counting,
      rows: rows.map((row) => this.#rows[row]),
    });
  }

  #charge(what: 'forwards' | 'gradients', n: number): void {
    const account = this.#ledger[what];
    const { budget } = this.#counting;
    const most = budget?.[what] ?? Infinity;
    for (const row of this.#rows) {
      account[row] += n / this.#rows.length;
      if (account[row] > most)
        throw new GauntletError('budget', `it asks for more than its budget of ${budgetText(budget!)} a sample. Give it parameters that stay within, or a "within" in its definition.`); // prettier-ignore
    }
  }

  async #tell(x: tf.Tensor4D, outputs: Outputs | Scores): Promise<void> {
    if (x.shape[0] === this.#rows.length) await this.#counting.watch?.(this.#rows, x, outputs);
  }
}
