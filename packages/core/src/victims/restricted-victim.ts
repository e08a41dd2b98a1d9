import {
  type AnyVictim,
  type FeatureRules,
  type Features,
  GauntletError,
  type Gradient,
  type Objective,
  tf,
} from '@gauntlet/api';
import type { Outputs, Scores } from './loaded-victim.js';

/** What of the inputs is left to an attack. */
export class Restriction {
  /** [h, w, c] of what the attack sees: the input, or the features that it may change, in a row. */
  readonly shape: readonly [number, number, number];
  readonly #free: Int32Array;
  /** [n·d] */
  readonly #clean: Float32Array;
  readonly #full: readonly [number, number, number];
  /** [d] each */
  readonly #low: Float32Array;
  readonly #high: Float32Array;
  readonly #isFree: Float32Array;

  constructor(
    rules: FeatureRules,
    clean: Float32Array,
    full: readonly [number, number, number],
    [low, high]: readonly [number, number],
  ) {
    const size = full[0] * full[1] * full[2];
    const fixed = new Set(rules.immutable);
    this.#clean = clean;
    this.#full = full;
    this.#free = Int32Array.from({ length: size }, (_, i) => i).filter((i) => !fixed.has(i));
    this.#isFree = Float32Array.from({ length: size }, (_, i) => (fixed.has(i) ? 0 : 1));
    this.#low = new Float32Array(size).fill(low);
    this.#high = new Float32Array(size).fill(high);
    for (const [i, [from, to]] of Object.entries(rules.bounds ?? {})) {
      this.#low[Number(i)] = from;
      this.#high[Number(i)] = to;
    }
    this.shape = fixed.size > 0 ? [1, this.#free.length, 1] : full;
  }

  /** [n·m] of the clean inputs what may be changed. */
  get clean(): Float32Array {
    const size = this.#isFree.length;
    const n = this.#clean.length / size;
    return Float32Array.from({ length: n * this.#free.length }, (_, k) => {
      const [row, i] = [Math.floor(k / this.#free.length), k % this.#free.length];
      return this.#clean[row * size + this.#free[i]];
    });
  }

  /** x [rows.length, …shape] as whole inputs [rows.length,h,w,c] inside the bounds of their features. */
  embed(x: tf.Tensor4D, rows: readonly number[]): tf.Tensor4D {
    return tf.tidy(() => {
      const whole = this.#whole(x, rows);
      const inside = tf.minimum(tf.maximum(whole, tf.tensor1d(this.#low)), tf.tensor1d(this.#high));
      return tf.reshape(inside, [rows.length, ...this.#full]);
    });
  }

  /** The gradient of whole inputs as that of x: 0 where a feature is beyond its bounds. */
  restrict(gradient: tf.Tensor4D, x: tf.Tensor4D, rows: readonly number[]): tf.Tensor4D {
    return tf.tidy(() => {
      const whole = this.#whole(x, rows);
      const inside = tf.logicalAnd(
        tf.greaterEqual(whole, tf.tensor1d(this.#low)),
        tf.lessEqual(whole, tf.tensor1d(this.#high)),
      );
      const flat = tf.mul(tf.reshape(gradient, whole.shape), tf.cast(inside, 'float32'));
      return tf.reshape(tf.gather(flat, tf.tensor1d(this.#free, 'int32'), 1), x.shape);
    });
  }

  #whole(x: tf.Tensor4D, rows: readonly number[]): tf.Tensor2D {
    if (x.shape[0] !== rows.length)
      throw new GauntletError(
        'attack-shape',
        `it asks about ${x.shape[0]} inputs without saying which samples they are (victim.rows), and features that may not change have a value in each. Take another attack.`,
      );
    const size = this.#isFree.length;
    const place = new Int32Array(size);
    this.#free.forEach((i, k) => (place[i] = k));
    const clean = new Float32Array(rows.length * size);
    rows.forEach((row, i) => clean.set(this.#clean.subarray(row * size, (row + 1) * size), i * size));
    const given = tf.gather(tf.reshape(x, [rows.length, -1]), tf.tensor1d(place, 'int32'), 1);
    const free = tf.tensor1d(this.#isFree);
    const kept = tf.mul(tf.tensor2d(clean, [rows.length, size]), tf.sub(1, free));
    return tf.add(tf.mul(given, free), kept);
  }
}

/** A victim of which an attack sees and changes no more than a restriction allows. */
export class RestrictedVictim implements AnyVictim {
  readonly #victim: AnyVictim;
  readonly #restriction: Restriction;
  readonly #rows: readonly number[];

  constructor(victim: AnyVictim, restriction: Restriction, rows: readonly number[]) {
    this.#victim = victim;
    this.#restriction = restriction;
    this.#rows = rows;
  }

  get kind() {
    return this.#victim.kind;
  }
  get inputShape() {
    return this.#restriction.shape;
  }
  get bounds() {
    return this.#victim.bounds;
  }
  get classes() {
    return this.#victim.classes;
  }
  get featureSource() {
    return this.#victim.featureSource;
  }
  get graphs() {
    return this.#victim.graphs;
  }

  predict(x: tf.Tensor4D): Promise<Scores> {
    return this.#with(x, (whole) => this.#victim.predict(whole));
  }

  features(x: tf.Tensor4D): Promise<Features> {
    return this.#with(x, (whole) => this.#victim.features(whole));
  }

  differentiate<A = undefined>(
    x: tf.Tensor4D,
    objective: (outputs: Outputs) => Objective<A>,
  ): Promise<Gradient<Outputs, A>> {
    return this.#with(x, async (whole) => {
      const found = await this.#victim.differentiate(whole, objective);
      const gradient = this.#restriction.restrict(found.gradient, x, this.#rows);
      found.gradient.dispose();
      return { ...found, gradient };
    });
  }

  rows(rows: readonly number[]): AnyVictim {
    const own = rows.map((row) => this.#rows[row]);
    return new RestrictedVictim(this.#victim.rows(rows), this.#restriction, own);
  }

  async #with<T>(x: tf.Tensor4D, work: (whole: tf.Tensor4D) => Promise<T>): Promise<T> {
    const whole = this.#restriction.embed(x, this.#rows);
    try {
      return await work(whole);
    } finally {
      whole.dispose();
    }
  }
}
