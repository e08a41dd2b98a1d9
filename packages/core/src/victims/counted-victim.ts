import {
  type AnyVictim,
  type Budget,
  budgetText,
  type Features,
  type FeatureSource,
  flatRows,
  GauntletError,
  type Gradient,
  type GraphRunner,
  type ModelKind,
  type Objective,
  type Stream,
  tidyAsync,
  tf,
} from '@gauntlet/api';
import { averageGradient, averagePrediction } from './averaged.js';
import { estimateGradient, pairs } from './estimated-gradient.js';
import type { LoadedVictim, Outputs, Scores } from './loaded-victim.js';
import { PendingRead } from './pending-read.js';

/** What one sample has cost, kept by the host and not by the attack. */
export interface Ledger {
  forwards: Float64Array;
  gradients: Float64Array;
  /** Gradient evaluations that came back as exactly zero everywhere. */
  zeroGradients: Float64Array;
  /** Passes that were asked about an input with values that are not finite. */
  notFinite: Float64Array;
}

export const newLedger = (n: number): Ledger => ({
  forwards: new Float64Array(n),
  gradients: new Float64Array(n),
  zeroGradients: new Float64Array(n),
  notFinite: new Float64Array(n),
});

/** What is to be read of a pass. */
export interface Look {
  /** [n] each */
  tensors: tf.Tensor1D[];
  /** Told their values, before the next pass. */
  seen: (values: Float32Array[]) => void;
}

/** Looks at passes, and has no influence on them. */
export interface Watcher {
  /** Told of every pass that has a row for each of `rows`; nothing where there is nothing to be read. */
  look(rows: readonly number[], x: tf.Tensor4D, outputs: Outputs | Scores): Promise<Look | undefined>;
}

/** How a victim is counted. */
export interface Counting {
  /** Positions in the ledger that the rows of a call are; all by default. */
  rows?: readonly number[];
  /** For a victim whose gradients are estimated: the randomness, one stream per row of the ledger. */
  streams?: readonly Stream[];
  /** For a victim with randomness: every answer is the mean of so many passes. */
  eot?: number;
  /** An attack that asks for more than this is stopped. */
  budget?: Budget;
  watch?: Watcher;
}

/**
 * The victim as an attack sees it: every pass is counted per sample of the batch. A call with fewer rows than
 * the view stands for (an attack that did not use `rows`) is shared evenly. What is read of a pass is awaited
 * before the next one: call `settle` when the attack is done, and the ledger is complete.
 */
export class CountedVictim implements AnyVictim {
  readonly #victim: LoadedVictim;
  readonly #ledger: Ledger;
  readonly #rows: readonly number[];
  readonly #counting: Counting;
  /** Shared by all views. */
  readonly #reading: PendingRead;

  constructor(
    victim: LoadedVictim,
    ledger: Ledger,
    counting: Counting = {},
    reading: PendingRead = new PendingRead(),
  ) {
    this.#victim = victim;
    this.#ledger = ledger;
    this.#counting = counting;
    this.#reading = reading;
    this.#rows = counting.rows ?? Array.from(ledger.forwards.keys());
  }

  get kind(): ModelKind {
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
    await this.settle();
    const { eot = 1 } = this.#counting;
    this.#charge('forwards', x.shape[0] * eot);
    const outputs = await (eot > 1 ? averagePrediction(this.#victim, x, eot) : this.#victim.predict(x));
    await this.#look(x, outputs);
    return outputs;
  }

  features(x: tf.Tensor4D): Promise<Features> {
    return this.#victim.features(x);
  }

  async differentiate<A = undefined>(
    x: tf.Tensor4D,
    objective: (outputs: Outputs) => Objective<A>,
  ): Promise<Gradient<Outputs, A>> {
    await this.settle();
    const n = x.shape[0];
    if (this.#counting.streams) {
      this.#charge('forwards', n * (2 * pairs + 1));
      const streams = this.#rows.map((row) => this.#counting.streams![row]);
      const estimated = await estimateGradient(this.#victim, x, objective, streams);
      await this.#look(x, estimated.outputs);
      return estimated;
    }
    const { eot = 1 } = this.#counting;
    this.#charge('forwards', n * eot);
    this.#charge('gradients', n * eot);
    const result = await (eot > 1
      ? averageGradient(this.#victim, x, objective, eot)
      : this.#victim.differentiate(x, objective));
    await this.#look(x, result.outputs, result.gradient);
    return result;
  }

  rows(rows: readonly number[]): AnyVictim {
    const counting = { ...this.#counting, rows: rows.map((row) => this.#rows[row]) };
    return new CountedVictim(this.#victim, this.#ledger, counting, this.#reading);
  }

  /** Waits until what the last pass showed is in the ledger and with the watcher. Throws if it could not be read. */
  settle(): Promise<void> {
    return this.#reading.settle();
  }

  #charge(what: 'forwards' | 'gradients', n: number): void {
    const account = this.#ledger[what];
    const { budget } = this.#counting;
    const most = budget?.[what] ?? Infinity;
    for (const row of this.#rows) {
      account[row] += n / this.#rows.length;
      if (account[row] > most)
        throw new GauntletError(
          'budget',
          `it asks for more than its budget of ${budgetText(budget!)} a sample. Give it parameters that stay within, or a "within" in its definition.`,
        );
    }
  }

  /** Starts the one read of a pass: whether its input was finite, the size of its gradient, and what the watcher wants. */
  async #look(x: tf.Tensor4D, outputs: Outputs | Scores, gradient?: tf.Tensor4D): Promise<void> {
    const { eot: passes = 1 } = this.#counting;
    const rows = this.#rows;
    if (x.shape[0] !== rows.length) return;
    const { seen, stacked } = await tidyAsync(async () => {
      const look = await this.#counting.watch?.look(rows, x, outputs);
      const sizes = gradient ? [tf.max(tf.abs(flatRows(gradient)), 1)] : [];
      // A sum over what is not finite is not finite.
      const tensors = [tf.sum(flatRows(x), 1), ...sizes, ...(look?.tensors ?? [])];
      return { seen: look?.seen, stacked: tf.stack(tensors) };
    });
    this.#reading.start(stacked, (values) => {
      const columns = Array.from({ length: stacked.shape[0] }, (_, i) =>
        values.subarray(i * rows.length, (i + 1) * rows.length),
      );
      const sums = columns.shift()!;
      rows.forEach((row, i) => (this.#ledger.notFinite[row] += Number.isFinite(sums[i]) ? 0 : passes));
      const sizes = gradient && columns.shift()!;
      if (sizes) rows.forEach((row, i) => (this.#ledger.zeroGradients[row] += sizes[i] === 0 ? passes : 0));
      seen?.(columns);
    });
  }
}
