// Hsu et al., AAAI 2022, "Data augmentation using UAE": train on with perturbed copies of the training images, and
// compare the reconstruction error on the test set with that of the original model.
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { GauntletError, type RunEvent } from '@gauntlet/api';
import { packageVersion, relativeTo, type Spec, writeWhole } from '@gauntlet/core';
import { chooseTrainingEngine } from '@gauntlet/zoo';
import { augment, type AugmentedSet } from './augment.js';
import { checkRetraining, type Retraining } from './check-retraining.js';
import { judgeRetraining } from './judge.js';
import type { Protocol, RetrainReport, RetrainRow } from './report.js';
import { TrainPool } from './train-pool.js';
import type { TrainResult, TrainTask } from './train-task.js';

export interface RetrainOptions {
  /** Folder for perturbed images, trained models, and what a later run can go on from. */
  output: string;
  /** Worker processes; one per core by default. */
  workers?: number;
  /** Continue what is in `output`. */
  resume?: boolean;
  /** tfjs engine that trains; native TensorFlow or wasm by default. */
  engine?: string;
  signal?: AbortSignal;
  /** Events of the attacks; one run for each seed. */
  onEvent?: (event: RunEvent) => void;
  onTrained?: (progress: { done: number; all: number; what: string; error: number }) => void;
}

/** One training that has to be done: what is added, for which seed, for how long. */
interface Job {
  seed: number;
  set?: AugmentedSet;
  steps: number;
}

/**
 * Attacks the training images once for each seed, trains the model on with what each attack made and with nothing
 * added, and measures each result on the test set. Writes retrain.json and the trained models into the output folder.
 */
export async function retrain(spec: Spec, options: RetrainOptions): Promise<RetrainReport> {
  const started = Date.now();
  const checked = await checkRetraining(spec);
  const { config, victim, training, test } = checked;
  const engine = await chooseTrainingEngine(options.engine);
  const workers = options.workers ?? availableParallelism();
  mkdirSync(options.output, { recursive: true });
  // Seeds vary the perturbations, not the images that are taken.
  const dataset = {
    ...spec.dataset,
    shuffle: undefined,
    skip: undefined,
    take: undefined,
    classes: undefined,
    indices: [...training.indices],
  };
  const seeds = Array.from({ length: config.seeds }, (_, i) => spec.seed + i);
  const sets = new Map<number, AugmentedSet[]>();
  let victimHash = '';
  for (const seed of seeds) {
    const { workers, resume, signal, onEvent } = options;
    const output = path.join(options.output, `seed-${seed}`);
    const made = await augment({ ...spec, seed, dataset }, { output, workers, resume, signal, onEvent });
    sets.set(seed, made.sets);
    victimHash = made.report.victims[0].hash;
  }

  const pool = new TrainPool(workers, path.join(options.output, 'retrain.jsonl'), options.resume ?? false);
  const hashes = { training: await training.hash(), test: await test.hash() };
  const content = [victimHash, hashes.training, hashes.test, JSON.stringify(spec.attacks)].join();
  const task = ({ seed, set, steps }: Job): TrainTask => ({
    model: victim.model,
    trainer: checked.trainer,
    engine,
    bounds: victim.bounds,
    dataset,
    test: config.test,
    datasetSeed: spec.seed,
    added: set && { file: set.file, include: config.include, target: config.target },
    steps,
    batchSize: config.batchSize,
    seed,
    save:
      steps > 0
        ? path.join(options.output, 'models', `${set?.attack ?? 'nothing-added'}-${steps}-steps-seed-${seed}`)
        : undefined,
  });
  try {
    const plan = planJobs(checked, seeds, sets);
    const all = plan.jobs.length + 1;
    let done = 0;
    const measure = async (job: Job): Promise<TrainResult> => {
      const result = await pool.run(task(job), content, options.signal);
      const what =
        job.steps === 0
          ? 'original'
          : `${job.set?.attack ?? 'nothing added'}, seed ${job.seed}, ${job.steps} steps`;
      options.onTrained?.({ done: ++done, all, what, error: result.error });
      return result;
    };
    const original = await measure({ seed: seeds[0], steps: 0 });
    const trained = await Promise.all(plan.jobs.map(measure));
    const measured = plan.rows.map((row) =>
      rowOf(row, (job) => trained[plan.jobs.indexOf(job)], config.include),
    );
    const rows = compareRows(measured, original.error);
    const originalVarianceKept = original.varianceKept;
    const { results, verdict } = judgeRetraining(config, { rows, originalVarianceKept });
    const report: RetrainReport = {
      format: 'gauntlet-retrain',
      version: 1,
      gauntlet: packageVersion,
      spec: path.basename(spec.file),
      victim: victim.name,
      model: relativeTo(path.dirname(spec.file), victim.model),
      trainer:
        'recipe' in checked.trainer
          ? checked.trainer.recipe
          : `${checked.trainer.loss}, ${checked.trainer.optimizer} ${checked.trainer.learningRate}`,
      engine,
      seeds,
      epochs: config.epochs,
      batchSize: config.batchSize,
      include: config.include,
      target: config.target,
      training: { name: spec.datasetName, n: training.indices.length, hash: hashes.training },
      test: { n: test.indices.length, hash: hashes.test },
      originalError: original.error,
      originalVarianceKept,
      rows,
      expectations: results,
      verdict,
      seconds: (Date.now() - started) / 1000,
    };
    writeWhole(path.join(options.output, 'retrain.json'), [`${JSON.stringify(report, null, 1)}\n`]);
    return report;
  } catch (error) {
    if (options.signal?.aborted)
      throw new GauntletError('interrupted', 'Stopped. Go on with --resume.', { cause: error });
    throw error;
  } finally {
    await pool.close();
  }
}

interface PlannedRow {
  attack?: string;
  protocol: Protocol;
  /** One for each seed. */
  jobs: Job[];
}

type MeasuredRow = Omit<RetrainRow, 'improvement' | 'improvementOverControl'>;

/** Images that a set adds. */
const countOf = (set: AugmentedSet | undefined, include: string) =>
  set ? (include === 'all' ? set.n : set.broken) : 0;

/** Every row of the table, and the trainings behind them; rows that ask for the same training share it. */
function planJobs(
  { config, training }: Retraining,
  seeds: readonly number[],
  sets: ReadonlyMap<number, readonly AugmentedSet[]>,
): { rows: PlannedRow[]; jobs: Job[] } {
  const n = training.indices.length;
  const steps = (images: number) => config.epochs * Math.ceil(images / config.batchSize);
  const jobs: Job[] = [];
  const share = (job: Job) => {
    const same = jobs.find(
      ({ seed, set, steps }) => seed === job.seed && set === job.set && steps === job.steps,
    );
    if (!same) jobs.push(job);
    return same ?? job;
  };
  const attacks = [undefined, ...sets.get(seeds[0])!.map(({ attack }) => attack)];
  const rows = config.protocols.flatMap((protocol) =>
    attacks.map((attack): PlannedRow => ({
      attack,
      protocol,
      jobs: seeds.map((seed) => {
        const set = sets.get(seed)!.find((one) => one.attack === attack);
        // Equal steps: as many as a whole augmented set takes.
        return share({
          seed,
          set,
          steps: steps(protocol === 'equal-steps' ? 2 * n : n + countOf(set, config.include)),
        });
      }),
    })),
  );
  return { rows, jobs };
}

function rowOf(
  { attack, protocol, jobs }: PlannedRow,
  resultOf: (job: Job) => TrainResult,
  include: string,
): MeasuredRow {
  const results = jobs.map(resultOf);
  const errors = results.map(({ error }) => error);
  const mean = errors.reduce((a, b) => a + b, 0) / errors.length;
  const variance = errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / (errors.length - 1);
  return {
    attack,
    protocol,
    added: jobs.map(({ set }) => countOf(set, include)),
    asr: jobs.flatMap(({ set }) => (set ? [set.broken / set.n] : [])),
    steps: jobs.map(({ steps }) => steps),
    errors,
    mean,
    varianceKept: results.map(({ varianceKept }) => varianceKept),
    ...(errors.length > 1 && { std: Math.sqrt(variance) }),
  };
}

/** What each row is worth beside the original and beside the control. */
function compareRows(rows: readonly MeasuredRow[], originalError: number): RetrainRow[] {
  return rows.map((row) => {
    const control = rows.find(({ attack, protocol }) => attack === undefined && protocol === row.protocol)!;
    return {
      ...row,
      improvement: 1 - row.mean / originalError,
      improvementOverControl: 1 - row.mean / control.mean,
    };
  });
}
