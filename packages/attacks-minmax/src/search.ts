import {
  type AnyVictim,
  type Autoencoder,
  type BatchRandom,
  type BestSoFar,
  type Classifier,
  type Features,
  type Goal,
  isMet,
  type Penalty,
  stopGradient,
  takeRows,
  tidyAsync,
  type VictimOutputs,
  tf,
  valuesOf,
} from '@gauntlet/api';
import type { Contribution, Estimator, Session, View } from '@gauntlet/mutual-information';

/**
 * Descent on c·f⁺(x+δ) − s·I(x, x+δ) over δ, for a batch. What differs between attacks: the criterion f, the
 * similarity I, whether it is to stay high or to become low (s), and how c moves.
 */
export interface Search {
  victim: Classifier | Autoencoder | AnyVictim;
  /** [n,h,w,c] */
  x: tf.Tensor4D;
  random: BatchRandom;
  /** f, for any samples of the batch. */
  goal: Goal;
  /** I: mutual information, or another similarity. */
  estimator: Estimator;
  /** s: 1 keeps the similarity high (supervised), −1 makes it low (unsupervised). */
  sense: 1 | -1;
  /** Steps of training before the first iteration, on δ₁. */
  warmUp?: number;
  /** c₁ per sample. */
  c: ArrayLike<number>;
  /** How c moves: c_t = max(0, keep · c_{t−1} + gain · f⁺(x+δ_t)); t counts from 1. */
  weights(t: number): { keep: number; gain: number };
  /** Successes with the largest s·I are kept here. */
  best: BestSoFar;
  alpha: number;
  epsilon: number;
  /** κ: f must be this far below 0. */
  kappa?: number;
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
      const steps = t === 1 ? (task.warmUp ?? 0) : task.mineSteps;
      const { next, criterion } = await iterate(task, state, session, rows, t, steps);
      tf.dispose(state);
      state = next;
      criterion.forEach((f, i) => (met[rows[i]] ||= isMet(f) ? 1 : 0));
      if (!task.keepImproving && criterion.some(isMet)) {
        const stay = [...rows.keys()].filter((i) => !isMet(criterion[i]));
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

/** Θ ascends I at δ_t (from the second on); then δ_t is offered, and a step: δ_{t+1} = Π(δ_t − α(c ∇f⁺ − s ∇I)). */
async function iterate(
  task: Search,
  { x, delta, c }: State,
  session: Session,
  rows: number[],
  t: number,
  trainingSteps: number,
): Promise<{ next: State; criterion: Float32Array }> {
  const { sense, kappa = 0 } = task;
  return tidyAsync(async () => {
    const perturbed: tf.Tensor4D = tf.add(x, delta);
    const victim = task.victim.rows(rows);
    // Features that nobody looks at are not computed.
    const seen = session.of === 'x' ? ({ x: perturbed } as View) : await view(victim, perturbed);
    const information = await session.differentiate(seen, trainingSteps);
    const { of, cotangent } = information;
    const goal = task.goal(rows);
    const { keep, gain } = task.weights(t);
    const held = tf.mul(c, keep) as tf.Tensor1D;
    const loss = goal.labelLoss ?? goal.errorLoss;
    const penalty: Penalty | undefined = loss && {
      loss,
      kappa,
      base: await valuesOf(held),
      gain,
      inner: of === 'x' ? undefined : { of, cotangent, scale: -sense },
    };
    const criterionAndWeight = (outputs: VictimOutputs): { f: tf.Tensor1D; c: tf.Tensor1D } => {
      const f: tf.Tensor1D = tf.add(goal.value(outputs), kappa);
      return { f, c: tf.relu(tf.add(held, tf.mul(tf.relu(f), gain))) };
    };
    const objective = (outputs: VictimOutputs & Features) => {
      const { f, c: moved } = criterionAndWeight(outputs);
      // c is a constant of this objective: it is computed from values, not from the tape.
      const weight = stopGradient(moved);
      const weighed: tf.Tensor1D = tf.mul(weight, tf.relu(f));
      const whole: tf.Tensor1D =
        of === 'x' ? weighed : tf.sub(weighed, tf.mul(inner(cotangent, outputs[of]), sense));
      return { objective: whole, aux: { f, c: weight } };
    };
    const { gradient, aux } = await victim.differentiate(
      perturbed,
      Object.assign(objective, { penalty, aux: criterionAndWeight }),
    );
    const values = (await tf.stack([aux.f, tf.mul(information.value, sense)]).data()) as Float32Array;
    const [criterion, merit] = [values.subarray(0, rows.length), values.subarray(rows.length)];
    await task.best.offer(rows, perturbed, criterion, merit);
    const total = of === 'x' ? tf.sub(gradient, tf.mul(cotangent, sense)) : gradient;
    const stepped: tf.Tensor4D = tf.sub(delta, tf.mul(total, task.alpha));
    const next = { x: tf.clone(x), delta: project(x, stepped, task.epsilon, victim.bounds), c: aux.c };
    return { next, criterion };
  });
}

function openSession({ victim, x, estimator, random }: Search): Promise<Session> {
  return tidyAsync(async () =>
    estimator.open(await view(victim, x), random.streams('estimator'), victim.graphs),
  );
}

/** What an image looks like to an estimator. */
async function view(victim: Search['victim'], x: tf.Tensor4D): Promise<View> {
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
