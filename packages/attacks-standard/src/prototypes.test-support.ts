import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '../../engine-tfjs/src/gradients.js';
import { afterAll, beforeAll } from 'vitest';
import {
  type AnyVictim,
  type Attack,
  BatchRandom,
  classifiedAs,
  type Goal,
  type GoalSource,
  misclassified,
  Stream,
  tidyAsync,
} from '@gauntlet/api';

/** Plain JavaScript for the tests of a file, and afterwards the backend that there was. */
export function onCpu(): void {
  let before = '';
  beforeAll(async () => {
    before = tf.getBackend();
    await tf.setBackend('cpu');
  });
  afterAll(async () => {
    if (before) await tf.setBackend(before);
  });
}

export const shape = [2, 3, 1] as const;
const d = 6;
export const bounds = [-1, 2] as const;

/** A pass of the victim: what it was shown, whether a gradient was asked for, and for which samples of the batch. */
export interface Pass {
  rows: number[];
  gradient: boolean;
  x: number[][];
}

/**
 * z_k = b_k − s_k ‖x − m_k‖²: a classifier of curved boundaries that a test can compute by itself.
 */
export class Prototypes {
  readonly classes: number;
  readonly images: number[][] = [];
  readonly labels: number[] = [];
  readonly passes: Pass[] = [];
  readonly #middles: number[][];
  readonly #steepness: number[];
  readonly #offsets: number[];

  /** With n images that it classifies by a margin between 0.5 and 2. */
  constructor(n: number, classes = 4, steep = 1) {
    this.classes = classes;
    const stream = new Stream('prototypes', classes);
    const draw = (length: number, low: number, high: number) =>
      Array.from({ length }, () => stream.uniform(low, high));
    this.#middles = Array.from({ length: classes }, () => draw(d, -0.5, 1.5));
    this.#steepness = draw(classes, 0.6 * steep, 1.4 * steep);
    this.#offsets = draw(classes, 0, 0.5);
    while (this.images.length < n) {
      const x = draw(d, -0.9, 1.9).map(Math.fround);
      const [first, second] = [...this.logits(x)].sort((a, b) => b - a);
      if (first - second < 0.5 * steep || first - second > 2 * steep) continue;
      this.images.push(x);
      this.labels.push(this.logits(x).indexOf(first));
    }
  }

  logits(x: readonly number[]): number[] {
    return this.#middles.map(
      (m, k) => this.#offsets[k] - this.#steepness[k] * m.reduce((sum, one, i) => sum + (x[i] - one) ** 2, 0),
    );
  }

  /** ∇ Σ_k weights_k z_k */
  slope(x: readonly number[], weights: readonly number[]): number[] {
    return x.map((value, i) =>
      weights.reduce(
        (sum, weight, k) => sum - 2 * weight * this.#steepness[k] * (value - this.#middles[k][i]),
        0,
      ),
    );
  }

  /** The largest logit but that of a class, and whose it is. */
  rival(x: readonly number[], but: number): { k: number; z: number } {
    const others = this.logits(x).map((z, k) => ({ k, z: k === but ? -Infinity : z }));
    return others.reduce((a, b) => (b.z > a.z ? b : a));
  }

  /** z_y − max_{k≠y} z_k */
  criterion(x: readonly number[], label: number): number {
    return this.logits(x)[label] - this.rival(x, label).z;
  }

  /** Gradient of the difference of two logits, z_a − z_b. */
  between(x: readonly number[], a: number, b: number): number[] {
    return this.slope(
      x,
      Array.from({ length: this.classes }, (_, k) => Number(k === a) - Number(k === b)),
    );
  }

  /** Cross-entropy of a label, and its gradient. */
  crossEntropy(x: readonly number[], label: number): { value: number; slope: number[] } {
    const z = this.logits(x);
    const sum = z.reduce((total, one) => total + Math.exp(one), 0);
    const weights = z.map((one, k) => Math.exp(one) / sum - Number(k === label));
    return { value: Math.log(sum) - z[label], slope: this.slope(x, weights) };
  }

  /** As an attack sees it: these samples of a batch. */
  victim(rows: readonly number[]): AnyVictim {
    const [m, s, b] = [this.#middles, this.#steepness, this.#offsets];
    const forward = (x: tf.Tensor4D) =>
      tf.tidy((): tf.Tensor2D => {
        const apart = tf.sub(tf.reshape(x, [-1, 1, d]), tf.tensor3d([m]));
        return tf.sub(tf.tensor1d(b), tf.mul(tf.tensor1d(s), tf.sum(tf.square(apart), 2)));
      });
    const note = (x: tf.Tensor4D, gradient: boolean) =>
      this.passes.push({ rows: [...rows], gradient, x: imagesOf(x) });
    const features = (x: tf.Tensor4D) => ({ features: x, preactivation: x });
    return {
      kind: 'classifier',
      inputShape: shape,
      bounds,
      classes: this.classes,
      featureSource: { kind: 'patches' },
      predict: async (x) => (note(x, false), { logits: forward(x) } as Scores),
      features: async (x) => features(x),
      differentiate: (x, objective) => {
        note(x, true);
        return tidyAsync(async () => {
          const valueOf = (at: tf.Tensor4D) =>
            objective({ logits: forward(at), ...features(at) } as never) as tf.Tensor1D;
          const gradient = tf.grad((at) => valueOf(at as tf.Tensor4D))(x) as tf.Tensor4D;
          return {
            value: valueOf(x),
            gradient,
            outputs: { logits: forward(x) } as Scores,
            aux: undefined as never,
          };
        });
      },
      rows: (some) => this.victim(some.map((row) => rows[row])),
    };
  }
}

const imagesOf = (x: tf.Tensor): number[][] =>
  tf.tidy(() => tf.reshape(x, [-1, d]).arraySync() as number[][]);

type Scores = Awaited<ReturnType<AnyVictim['predict']>>;

interface Run {
  /** Positions of the images that are attacked. */
  rows?: number[];
  /** What each is to be taken for; none: for any other class. */
  targets?: number[];
  goal?: (standard: Goal) => Goal;
  goalSource?: GoalSource;
}

export interface Found {
  passes: Pass[];
  perturbed: number[][];
  /** Tensors that are left beside what was returned. */
  left: number;
  /** Passes for each sample. */
  forwards: number[];
  stages?: readonly (string | undefined)[];
}

export const randomOf = (attack: Attack, rows: readonly number[]) => new BatchRandom(3, attack.name, rows);

/** An attack on some images, outside of any scope. */
export async function attacked(
  on: Prototypes,
  attack: Attack,
  given: object,
  { rows = [...on.images.keys()], targets, goal = (standard) => standard, goalSource = 'standard' }: Run = {},
): Promise<Found> {
  const declared = attack.params.properties as Record<string, { default?: unknown }>;
  const defaults = Object.fromEntries(Object.entries(declared).map(([name, one]) => [name, one.default]));
  const pick = (from: readonly number[]) => Int32Array.from(rows, (row) => from[row]);
  const some = (from: Int32Array, which: readonly number[]) => Int32Array.from(which, (row) => from[row]);
  const labels = pick(on.labels);
  const aims = targets && pick(targets);
  const x = tf.tensor4d(
    rows.flatMap((row) => on.images[row]),
    [rows.length, ...shape],
  );
  on.passes.length = 0;
  const before = tf.memory().numTensors;
  const { perturbed, stages } = await attack.perturb({
    victim: on.victim([...rows.keys()]),
    x,
    labels,
    targets: aims,
    goal: goal((which) => (aims ? classifiedAs(some(aims, which)) : misclassified(some(labels, which)))),
    goalSource,
    params: { ...defaults, ...given },
    random: randomOf(attack, rows),
  });
  const left = tf.memory().numTensors - before - 1;
  const values = imagesOf(perturbed);
  const passes = [...on.passes];
  const forwards = rows.map((_, i) => passes.filter((pass) => pass.rows.includes(i)).length);
  tf.dispose([perturbed, x]);
  return { passes, perturbed: values, left, forwards, stages };
}

/** A goal that no image meets: the attack goes on to its end. */
export const never =
  (standard: Goal): Goal =>
  (rows) => {
    const criterion = standard(rows);
    return {
      name: 'never',
      value: (outputs) => tf.tidy(() => tf.add(criterion.value(outputs), 1000) as tf.Tensor1D),
    };
  };
