import {
  type FeatureBlock,
  flatRows,
  type Goal,
  isMet,
  type Outcome,
  takeRows,
  type ThreatModel,
  type Trace,
  type VictimOutputs,
  type Yardstick,
  tf,
} from '@gauntlet/api';
import type { Ledger, Look, Watcher } from '../victims/counted-victim.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import { CleanRows } from './clean-rows.js';
import { perThreat, perThreatOnHost } from './inside.js';
import { estimate, featureBlock } from './mutual-information.js';
import { ProgressLog } from './progress.js';

/** Points that a trace has at most. */
const longest = 64;

/** Backends of TensorFlow.js whose tensors the host reads without a transfer. */
const hostBackends: ReadonlySet<string> = new Set(['cpu', 'wasm']);

interface Way {
  trace: Trace;
  calls: number;
  /** Of so many calls one is taken down. */
  stride: number;
}

/** Rows whose way is taken down now, and their mutual information. */
interface Due {
  traced: readonly number[];
  mi?: Float64Array;
}

interface Watched {
  victim: LoadedVictim;
  /** [n·d] */
  clean: Float32Array;
  indices: readonly number[];
  goal: Goal;
  /** The goal is a plugin's, which may look at features that an attack did not ask for. */
  needsFeatures: boolean;
  threat: ThreatModel;
  ledger: Ledger;
  /** Indices of samples whose way is taken down. */
  traced: readonly number[];
  yardstick?: Yardstick;
}

/**
 * Looks over the attack's shoulder: what the victim was asked, what it said, and what had been spent by then. It has no
 * influence on the attack.
 */
export class Watch implements Watcher {
  readonly #at: Watched;
  /** What a sample had cost when its goal was first met; NaN before. */
  readonly #forwards: Float64Array;
  readonly #gradients: Float64Array;
  /** By row. Each trace is subsampled independently, so batch composition cannot affect it. */
  readonly #ways = new Map<number, Way>();
  /** Of the clean images of traced samples, by their rows. */
  readonly #cleanFeatures = new Map<string, FeatureBlock>();
  readonly #clean: CleanRows;
  readonly #isAllowed: ReturnType<typeof perThreatOnHost>;
  readonly #progress: ProgressLog;

  constructor(watched: Watched) {
    this.#at = watched;
    this.#isAllowed = perThreatOnHost(watched.victim.traits.bounds, watched.threat);
    this.#clean = new CleanRows(watched.clean, [this.#n, ...watched.victim.traits.inputShape]);
    this.#forwards = new Float64Array(this.#n).fill(NaN);
    this.#gradients = new Float64Array(this.#n).fill(NaN);
    this.#progress = new ProgressLog(this.#n);
    watched.indices.forEach((index, row) => {
      if (!watched.traced.includes(index)) return;
      const trace = {
        index,
        gradients: [],
        forwards: [],
        criterion: [],
        ...(watched.yardstick && { mi: [] }),
      };
      this.#ways.set(row, { trace, calls: 0, stride: 1 });
    });
  }

  get #n(): number {
    return this.#at.indices.length;
  }

  get traces(): Trace[] {
    return [...this.#ways.values()].map(({ trace }) => trace);
  }

  /** Cost until the goal was met; for a sample that the victim never saw broken, all that was spent on it. */
  costOfSuccess(row: number): { forwardsToSuccess: number; gradientsToSuccess: number } {
    const { forwards, gradients } = this.#at.ledger;
    const seen = !Number.isNaN(this.#forwards[row]);
    return {
      forwardsToSuccess: seen ? this.#forwards[row] : forwards[row],
      gradientsToSuccess: seen ? this.#gradients[row] : gradients[row],
    };
  }

  /** How a sample that held came to hold. */
  wayOfHeld(row: number): Pick<Outcome, 'seenBroken' | 'progress'> {
    const progress = this.#progress.of(row);
    return {
      ...(!Number.isNaN(this.#forwards[row]) && { seenBroken: true }),
      ...(progress && { progress }),
    };
  }

  async look(rows: readonly number[], x: tf.Tensor4D, outputs: VictimOutputs): Promise<Look | undefined> {
    const due = rows.filter((row) => {
      const way = this.#ways.get(row);
      return way && way.calls++ % way.stride === 0;
    });
    const open = rows.some((row) => Number.isNaN(this.#forwards[row]));
    if (!open && due.length === 0) return undefined;
    const { victim, goal, needsFeatures } = this.#at;
    const known = hostBackends.has(tf.getBackend()) ? await this.#allowedOnHost(rows, x) : undefined;
    const given = needsFeatures ? { ...outputs, ...(await victim.features(x)) } : outputs;
    const tensors = [goal(rows).value(given), ...(known ? [] : [this.#allowed(rows, x)])];
    const { traced, mi } = await this.#information(due, rows, x);
    // What had been spent by now: by the time the values are here it may be more.
    const spent = rows.map((row) => [this.#at.ledger.forwards[row], this.#at.ledger.gradients[row]] as const);
    const seen = ([criterion, read]: Float32Array[]) => {
      const inside = known ?? read;
      rows.forEach((row, i) => {
        if (inside[i]) this.#progress.add(row, criterion[i]);
        if (!(isMet(criterion[i]) && inside[i]) || !Number.isNaN(this.#forwards[row])) return;
        [this.#forwards[row], this.#gradients[row]] = spent[i];
      });
      traced.forEach((row, k) => {
        const i = rows.indexOf(row);
        if (Number.isFinite(criterion[i])) takeDown(this.#ways.get(row)!, spent[i], criterion[i], mi?.[k]);
      });
    };
    return { tensors, seen };
  }

  dispose(): void {
    this.#clean.dispose();
  }

  /** [rows.length] 1 where x is perturbed and within box and threat model. */
  #allowed(rows: readonly number[], x: tf.Tensor4D): tf.Tensor1D {
    const { victim, threat } = this.#at;
    const clean = flatRows(this.#clean.take(rows));
    return tf.cast(perThreat(clean, flatRows(x), victim.traits.bounds, threat), 'float32');
  }

  async #allowedOnHost(rows: readonly number[], x: tf.Tensor4D): Promise<boolean[]> {
    const { clean } = this.#at;
    const values = (await x.data()) as Float32Array;
    const size = values.length / rows.length;
    const rowOf = (of: Float32Array, row: number) => of.subarray(row * size, (row + 1) * size);
    return rows.map((row, i) => this.#isAllowed(rowOf(clean, row), rowOf(values, i)));
  }

  /** Of those that are due: nothing is taken down of a pass whose images cannot be measured, and the attack goes on. */
  async #information(due: readonly number[], rows: readonly number[], x: tf.Tensor4D): Promise<Due> {
    const { victim, yardstick } = this.#at;
    if (!yardstick || due.length === 0) return { traced: due };
    const key = due.join();
    const positions = due.map((row) => rows.indexOf(row));
    const before = this.#cleanFeatures.get(key) ?? (await featureBlock(victim, this.#clean.take(due)));
    this.#cleanFeatures.set(key, before);
    const after = await featureBlock(victim, takeRows(x, positions));
    try {
      return { traced: due, mi: await estimate(yardstick, before, after, victim.graphs) };
    } catch {
      return { traced: [] };
    }
  }
}

function takeDown(
  way: Way,
  [forwards, gradients]: readonly [number, number],
  criterion: number,
  mi?: number,
) {
  const { trace } = way;
  trace.gradients.push(gradients);
  trace.forwards.push(forwards);
  trace.criterion.push(round(criterion));
  if (mi !== undefined) trace.mi!.push(round(mi));
  if (trace.criterion.length <= longest) return;
  way.stride *= 2;
  for (const list of [trace.gradients, trace.forwards, trace.criterion, trace.mi ?? []])
    list.splice(0, list.length, ...list.filter((_, at) => at % 2 === 0));
}

const round = (value: number) => Number(value.toPrecision(5));
