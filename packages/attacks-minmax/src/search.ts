import * as tf from '@tensorflow/tfjs-core';
import {
  stopGradient, takeRows, tidyAsync,
  type BatchRandom, type BestSoFar, type Classifier,
} from '@gauntlet/core'; // prettier-ignore
import { classesOf, goalOf, type Classes } from './goal.js';
import type { Contribution, Estimator, Session, View } from '@gauntlet/mutual-information';

/** Descent on c·f⁺(x+δ) − I_Θ(x, x+δ) over δ, for a batch; MinMax and penalty differ in how c moves. */
export interface Search extends Classes {
  victim: Classifier;
  /** [n,h,w,c] */
  x: tf.Tensor4D;
  random: BatchRandom;
  estimator: Estimator;
  /** c₁ per sample. */
  c: ArrayLike<number>;
  /** c_t from c_{t−1} and f⁺(x+δ_t), all [n]; t counts from 1. */
  weigh(c: tf.Tensor1D, positive: tf.Tensor1D, t: number): tf.Tensor1D;
  /** Successes with the most mutual information are kept here. */
  best: BestSoFar;
  alpha: number;
  epsilon: number;
  kappa: number;
  iterations: number;
  mineSteps: number;
  initialRadius: number | null;
  keepImproving: boolean;
}

/** Half-width of δ₁ in the reference: TensorFlow's default initialiser on the shape [h,w,c]. */
const defaultRadius = ([h, w, c]: readonly [number, number, number]) => Math.sqrt(6 / (h * w + h * c));

/** The samples still in the batch. */
type State = { x: tf.Tensor4D; delta: tf.Tensor4D; c: tf.Tensor1D };

/** Runs the search to its end and says for which samples (by position) it has met the goal. */
export async function search(task: Search): Promise<Uint8Array> {
  const { victim, x, epsilon, iterations, random } = task;
  const n = x.shape[0];
  const met = new Uint8Array(n);
  let rows = [...Array(n).keys()];
  let state = await tidyAsync(async (): Promise<State> => {
    const radius = Math.min(epsilon, task.initialRadius ?? defaultRadius(victim.inputShape));
    const start = random.tensor('start', x.shape.slice(1), (stream) =>
      stream.uniform(-radius, radius),
    ) as tf.Tensor4D;
    return {
      x: tf.clone(x),
      delta: project(x, start, epsilon, victim.bounds),
      c: tf.tensor1d(Float32Array.from(task.c)),
    };
  });
  const session = await openSession(task);
  try {
    // One pass more than there are steps: the last one only looks at where the last step led.
    for (let t = 1; t <= iterations + 1; t++) {
      const { next, criterion } = await iterate(task, state, session, rows, t);
      tf.dispose(state);
      state = next;
      criterion.forEach((f, i) => (met[rows[i]] ||= f <= 0 ? 1 : 0));
      if (!task.keepImproving && criterion.some((f) => f <= 0)) {
        const stay = [...rows.keys()].filter((i) => !(criterion[i] <= 0));
        if (stay.length === 0) break;
        rows = stay.map((i) => rows[i]);
        state = narrow(state, stay);
        session.keep(stay);
      }
    }
  } finally {
    session.dispose();
    tf.dispose(state);
  }
  return met;
}

/** Θ ascends I at δ_t (from the second on); then δ_t is offered, and a step: δ_{t+1} = Π(δ_t − α(c ∇f⁺ − ∇I)). */
async function iterate(task: Search, { x, delta, c }: State, session: Session, rows: number[], t: number) {
  const criterion: Float32Array[] = [];
  const next = await tidyAsync(async (): Promise<State> => {
    const perturbed: tf.Tensor4D = tf.add(x, delta);
    const victim = task.victim.rows(rows);
    const seen = await view(victim, perturbed);
    if (t > 1) await session.train(seen, task.mineSteps);
    const information = await session.differentiate(seen);
    const { of, cotangent } = information;
    const goal = goalOf(classesOf(task, rows), task.kappa);
    const caught = new Caught();
    const { gradient } = await victim.differentiate(perturbed, (outputs) => {
      const f = caught.keep('f', goal.value(outputs));
      const positive = tf.relu(f);
      // c is a constant of this objective: it is computed from values, not from the tape.
      const weight = caught.keep('c', task.weigh(c, positive, t), true);
      const penalty: tf.Tensor1D = tf.mul(weight, positive);
      return of === 'x' ? penalty : (tf.sub(penalty, inner(cotangent, outputs[of])) as tf.Tensor1D);
    });
    criterion.push((await caught.take('f').data()) as Float32Array);
    await task.best.offer(rows, perturbed, criterion[0], await information.value.data());
    const total = of === 'x' ? tf.sub(gradient, cotangent) : gradient;
    const stepped: tf.Tensor4D = tf.sub(delta, tf.mul(total, task.alpha));
    return { x: tf.clone(x), delta: project(x, stepped, task.epsilon, victim.bounds), c: caught.take('c') };
  });
  return { next, criterion: criterion[0] };
}

function openSession({ victim, x, estimator, random }: Search): Promise<Session> {
  let session: Session | undefined;
  return tidyAsync(async () => {
    session = await estimator.open(await view(victim, x), random.streams('estimator'));
    return [];
  }).then(() => session!);
}

/** What an image looks like to an estimator. */
async function view(victim: Classifier, x: tf.Tensor4D): Promise<View> {
  return { x, ...(await victim.features(x)) };
}

/** ⟨∂I/∂part, part⟩ per sample: its gradient is that of the mutual information. */
function inner(cotangent: Contribution['cotangent'], part: tf.Tensor): tf.Tensor1D {
  return tf.sum(tf.reshape(tf.mul(cotangent, part), [part.shape[0], -1]), 1);
}

/** clip(δ, −ε, ε), then x + δ into the box; gives the new δ. */
function project(
  x: tf.Tensor4D,
  delta: tf.Tensor4D,
  epsilon: number,
  [low, high]: readonly [number, number],
): tf.Tensor4D {
  return tf.tidy(() =>
    tf.sub(tf.clipByValue(tf.add(x, tf.clipByValue(delta, -epsilon, epsilon)), low, high), x),
  );
}

function narrow({ x, delta, c }: State, positions: readonly number[]): State {
  const narrowed = {
    x: takeRows(x, positions),
    delta: takeRows(delta, positions),
    c: takeRows(c, positions),
  };
  tf.dispose([x, delta, c]);
  return narrowed;
}

/** Carries values out of an objective, which the engine runs in a scope of its own. */
class Caught {
  readonly #tensors = new Map<string, tf.Tensor1D>();

  keep(name: string, value: tf.Tensor1D, constant = false): tf.Tensor1D {
    this.#tensors.get(name)?.dispose();
    this.#tensors.set(name, tf.keep(tf.clone(value)));
    return constant ? stopGradient(value) : value;
  }

  /** As a tensor of the current scope. */
  take(name: string): tf.Tensor1D {
    const kept = this.#tensors.get(name)!;
    const value = tf.clone(kept);
    kept.dispose();
    return value;
  }
}
