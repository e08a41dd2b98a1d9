import {
  flatRows,
  type Goal,
  type GoalSource,
  pickSets,
  predictFor,
  tidyAsync,
  victimKinds,
  tf,
} from '@gauntlet/api';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import { refereeing } from './by-kind.js';
import { type Batch, blankSeen, copyRow, pickBlocks, type Seen } from './seen.js';
import { settleDraws } from './settle-draws.js';

export interface Judgement extends Seen {
  /** Values of the goal's criterion: the goal is met where `isMet`. */
  criterion: Float32Array;
  /** Of a victim with randomness: [n] the share of the draws that met the criterion. */
  shares?: Float64Array;
}

/** What a victim says about clean inputs, and the goal that they are attacked with. */
export interface CleanSide {
  seen: Seen;
  goal: Goal;
  goalSource: GoalSource;
  /** Values of the standard goal's criterion, for a classifier: below 0 where it is wrong about the clean input. */
  misclassified?: Float32Array;
  /** Values of the goal's criterion where it may be below 0 already: a targeted one, or one of the spec's. */
  criterion?: Float32Array;
}

/** A batch and what is to be achieved with it. */
export interface AimedBatch extends Batch {
  goal: Goal;
  goalSource: GoalSource;
}

/** Looks at the clean inputs once, for what the referee compares with later, and for the goal. */
export async function judgeClean(
  victim: LoadedVictim,
  batch: Batch,
  goalOfSpec: Goal | undefined,
): Promise<CleanSide> {
  const { kind, inputShape } = victim.traits;
  const { indices, labels, labelSets, targets, clean } = batch;
  const n = indices.length;
  const goalSource = goalOfSpec ? 'spec' : 'standard';
  const seen = blankSeen(n);
  const rows = [...indices.keys()];
  // A copy: the referee's goal stays out of the attack's reach.
  const x = () => tf.tensor4d(clean.slice(), [n, ...inputShape]);
  const standard = (its: Partial<Batch>) => refereeing[kind].standardGoal({ ...its, x, seen });
  if (!victimKinds[kind].hasClasses) {
    const goals = goalOfSpec ? [goalOfSpec] : [];
    const { criteria } = await look(victim, clean, { ...batch, goalSource }, rows, goals, seen);
    return { seen, goalSource, criterion: criteria[0], goal: goalOfSpec ?? standard({}) };
  }
  const wrong = standard({ labels, labelSets });
  const early = goalOfSpec ?? (targets && standard({ labels, targets }));
  const { criteria } = await look(
    victim,
    clean,
    { ...batch, goalSource },
    rows,
    early ? [wrong, early] : [wrong],
    seen,
  );
  const [misclassified, criterion] = criteria;
  return { seen, goalSource, misclassified, criterion, goal: early ?? wrong };
}

/** Judges images [n·d], one for each sample of the batch. */
export async function judge(
  victim: LoadedVictim,
  images: Float32Array,
  batch: AimedBatch,
): Promise<Judgement> {
  const rows = [...batch.indices.keys()];
  const seen = blankSeen(rows.length);
  const { criteria, shares } = await look(victim, images, batch, rows, [batch.goal], seen);
  return { ...seen, criterion: criteria[0], ...(shares && { shares }) };
}

/** Judges each of these rows of images [n·d] by itself; of the others nothing is said. */
export async function judgeAlone(
  victim: LoadedVictim,
  images: Float32Array,
  batch: AimedBatch,
  rows: readonly number[],
): Promise<Pick<Judgement, 'finite' | 'criterion'>> {
  const n = batch.indices.length;
  const size = images.length / n;
  const seen = blankSeen(n);
  const criterion = new Float32Array(n);
  for (const row of rows) {
    const image = images.subarray(row * size, (row + 1) * size);
    const [[value]] = await pass(victim, image, batch, [row], [batch.goal], seen);
    criterion[row] = value;
  }
  return { finite: seen.finite, criterion };
}

/**
 * What the victim says of images [rows.length·d], which are at `rows` of the batch: fills in what is seen of them, and gives
 * the values of each goal's criterion. Of a victim with randomness that is what it said in one draw, the first that is like all
 * of them together as to the first goal; an output that is not finite counts in whichever draw it is.
 */
async function look(
  victim: LoadedVictim,
  images: Float32Array,
  batch: Omit<AimedBatch, 'goal'>,
  rows: readonly number[],
  goals: readonly Goal[],
  into: Seen,
): Promise<{ criteria: Float32Array[]; shares?: Float64Array }> {
  const { repeats } = batch;
  if (!repeats || goals.length === 0)
    return { criteria: await pass(victim, images, batch, rows, goals, into) };
  const draws: { seen: Seen; criteria: Float32Array[] }[] = [];
  for (let k = 0; k < repeats.draws; k++) {
    const seen = blankSeen(batch.indices.length);
    draws.push({ seen, criteria: await pass(victim, images, batch, rows, goals, seen) });
  }
  const { shares, typical } = settleDraws(
    draws.map(({ criteria }) => criteria[0]),
    repeats.share,
  );
  rows.forEach((row, i) => {
    copyRow(draws[typical[i]].seen, into, row);
    into.finite[row] = draws.every(({ seen }) => seen.finite[row]) ? 1 : 0;
  });
  const criteria = goals.map((_, k) => Float32Array.from(rows, (_, i) => draws[typical[i]].criteria[k][i]));
  return { criteria, shares };
}

/**
 * One pass of the victim over images [rows.length·d], which are at `rows` of the batch: fills in what is seen of them, and
 * gives the values of each goal's criterion.
 */
async function pass(
  victim: LoadedVictim,
  images: Float32Array,
  { clean, labels, labelSets, goalSource }: Omit<AimedBatch, 'goal'>,
  rows: readonly number[],
  goals: readonly Goal[],
  into: Seen,
): Promise<Float32Array[]> {
  const { kind } = victim.traits;
  const size = images.length / rows.length;
  // Outputs and criteria side by side, so that they are read at one go.
  const table = await tidyAsync(async () => {
    const x = tf.tensor4d(images, [rows.length, ...victim.traits.inputShape]);
    const outputs = await predictFor(goalSource, victim, x);
    const columns = goals.map((goal) => tf.expandDims(tf.cast(goal(rows).value(outputs), 'float32'), 1));
    return tf.concat([flatRows(outputs[victimKinds[kind].output]), ...columns], 1);
  });
  const [, width] = table.shape;
  const values = (await table.data()) as Float32Array;
  table.dispose();
  rows.forEach((row, i) => {
    const line = values.subarray(i * width, (i + 1) * width);
    const output = line.subarray(0, width - goals.length);
    into.finite[row] = line.every(Number.isFinite) ? 1 : 0;
    const sample = { row, labels, labelSets, clean: clean.subarray(row * size, (row + 1) * size) };
    refereeing[kind].read(output, sample, into);
  });
  return goals.map((_, k) => Float32Array.from(rows, (_, i) => values[(i + 1) * width - goals.length + k]));
}

/** Of a batch only these rows, which are then counted anew. */
export function pickSamples(
  { indices, labels, labelSets, targets, clean, ...rest }: Batch,
  rows: readonly number[],
): Batch {
  return {
    ...rest,
    indices: rows.map((row) => indices[row]),
    labels: labels && Int32Array.from(rows, (row) => labels[row]),
    ...(labelSets && { labelSets: pickSets(labelSets, rows) }),
    targets: targets && Int32Array.from(rows, (row) => targets[row]),
    clean: pickBlocks(clean, rows, indices.length),
  };
}

/** The same with what is to be achieved. */
export const pickBatch = (
  { goal, goalSource, ...batch }: AimedBatch,
  rows: readonly number[],
): AimedBatch => ({
  ...pickSamples(batch, rows),
  goal: (some) => goal(some.map((i) => rows[i])),
  goalSource,
});
