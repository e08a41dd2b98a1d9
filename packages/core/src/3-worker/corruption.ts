import {
  type Attack,
  BatchRandom,
  type CorruptionFamily,
  corruptRows,
  type Defect,
  type Outcome,
  pickSets,
  standardGoal,
} from '@gauntlet/api';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import { boxRounding } from './inside.js';
import { judge } from './judge.js';
import { hammingNow } from './said.js';
import type { Batch } from './seen.js';

interface CorruptionTask {
  seed: number;
  attack: { params: unknown };
}

interface Scene {
  victim: LoadedVictim;
  batch: Batch;
}

const corruptionBatch = (attack: Attack, { seed }: CorruptionTask, { victim: { traits }, batch }: Scene) => ({
  clean: batch.clean,
  shape: traits.inputShape,
  bounds: traits.bounds,
  random: new BatchRandom(seed, attack.name, batch.indices),
});

/**
 * Makes each returned image again, from the clean one and the seed, and says which are no image of the attack's family. `settings`
 * are those that the attack says it took; without them all are tried. Nothing for an attack without a corruption.
 */
export async function findForeign(
  attack: Attack,
  task: CorruptionTask,
  scene: Scene,
  { perturbed, settings }: { perturbed: Float32Array; settings?: ArrayLike<number> },
): Promise<(Defect | undefined)[] | undefined> {
  const family = attack.corruption;
  if (!family) return undefined;
  const { params } = task.attack;
  const batch = corruptionBatch(attack, task, scene);
  const [low, high] = batch.bounds;
  const size = perturbed.length / scene.batch.indices.length;
  const all = family.settings(params);
  const found: (Defect | undefined)[] = [];
  for (const row of scene.batch.indices.keys()) {
    const image = perturbed.subarray(row * size, (row + 1) * size);
    let amount = high - low;
    for (const setting of settings ? all.slice(settings[row], settings[row] + 1) : all) {
      const made = await corruptRows(family, params, setting, batch, [row]);
      amount = Math.min(amount, largestDifference(made, image));
      if (amount <= boxRounding * (high - low)) break;
    }
    found.push(amount <= boxRounding * (high - low) ? undefined : { kind: 'outside-family', amount });
  }
  return found;
}

/** [n] what each sample was corrupted with, in words. */
export function settingNames(
  { corruption }: Attack,
  { attack: { params } }: CorruptionTask,
  settings: ArrayLike<number> | undefined,
): (string | undefined)[] | undefined {
  if (!corruption || !settings) return undefined;
  const known = corruption.settings(params);
  return Array.from(settings, (setting) => known[setting]?.name);
}

/** What is no number differs from everything. */
function largestDifference(a: Float32Array, b: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    largest = difference <= largest ? largest : Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
}

/**
 * What the victim says of every sample under every setting of a family that is tallied: also of those that are not attacked, since
 * they count in the mean corruption error. Images are made here and not taken from the attack.
 */
export async function tallyCorruptions(
  attack: Attack,
  task: CorruptionTask,
  scene: Scene,
  outcomes: readonly Outcome[],
): Promise<Outcome[]> {
  const family = attack.corruption;
  const { labels, labelSets } = scene.batch;
  if (!family?.tallied || !(labels ?? labelSets)) return [...outcomes];
  const rows = [...outcomes.keys()].filter((row) => {
    const { cleanPrediction, cleanHamming } = outcomes[row];
    return (cleanPrediction ?? cleanHamming) !== undefined;
  });
  const tallies = rows.length > 0 ? await tally(family, attack, task, scene, rows) : [];
  const byRow = new Map(rows.map((row, i) => [row, tallies[i]]));
  return outcomes.map((outcome, row) => {
    const found = byRow.get(row);
    if (!found) return outcome;
    return labelSets ? { ...outcome, corruptedHamming: found } : { ...outcome, corrupted: found };
  });
}

/** By kind and level: the prediction, or of a victim with several labels the share of them that are wrong. */
type Tally = Record<string, Record<string, number>>;

async function tally(
  family: CorruptionFamily<unknown>,
  attack: Attack,
  task: CorruptionTask,
  scene: Scene,
  rows: readonly number[],
): Promise<Tally[]> {
  const { params } = task.attack;
  const whole = corruptionBatch(attack, task, scene);
  const truth = pickTruth(scene.batch, rows);
  const { labels, labelSets } = truth;
  const goal = labelSets
    ? standardGoal({ kind: 'multi-label', labelSets })
    : standardGoal({ kind: 'classifier', labels: labels! });
  const tallies = rows.map((): Tally => ({}));
  for (const setting of family.settings(params)) {
    const { name, group = name, level = 1 } = setting;
    const images = await corruptRows(family, params, setting, whole, rows);
    const batch = {
      indices: rows.map((row) => scene.batch.indices[row]),
      ...truth,
      clean: images,
      goal,
      goalSource: 'standard' as const,
      ...(scene.batch.repeats && { repeats: scene.batch.repeats }),
    };
    const seen = await judge(scene.victim, images, batch);
    tallies.forEach((one, i) => {
      const said = labelSets ? hammingNow(truth, seen, i) : seen.prediction[i];
      (one[group] ??= {})[level] = seen.finite[i] ? said : labelSets ? 1 : -1;
    });
  }
  return tallies;
}

const pickTruth = ({ labels, labelSets }: Batch, rows: readonly number[]) =>
  labelSets
    ? { labelSets: pickSets(labelSets, rows) }
    : { labels: Int32Array.from(rows, (row) => labels![row]) };
