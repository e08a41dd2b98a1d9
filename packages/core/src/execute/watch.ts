import * as tf from '@tensorflow/tfjs-core';
import { isMet, type Goal, type VictimOutputs } from '../attacks/criteria.js';
import { perThreat } from '../attacks/inside.js';
import type { ThreatModel } from '../attacks/threat-model.js';
import { pickBlocks } from '../referee/judge.js';
import { featureBlock } from '../referee/mutual-information.js';
import type { FeatureBlock, Yardstick } from '../referee/yardstick.js';
import { tidyAsync } from '../tensors/scope.js';
import type { Counting, Ledger } from '../victims/counted-victim.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';

/** One sample on its way through an attack: a point for each look at the victim, thinned out evenly. */
export interface Trace {
  index: number;
  /** Spent so far: gradient evaluations, and forward passes. */
  gradients: number[];
  forwards: number[];
  /** The criterion of the attack's goal: met where ≤ 0. */
  criterion: number[];
  /** The referee's measure of I(x, x+δ) in nats, where there is one. */
  mi?: number[];
}

/** Points that a trace has at most. */
const longest = 64;

interface Way {
  trace: Trace;
  calls: number;
  /** Of so many calls one is taken down. */
  stride: number;
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
export class Watch {
  readonly #at: Watched;
  /** What a sample had cost when its goal was first met; NaN before. */
  readonly #forwards: Float64Array;
  readonly #gradients: Float64Array;
  /** By row. Each is thinned out by itself, so that it does not depend on the other samples of the batch. */
  readonly #ways = new Map<number, Way>();
  /** Of the clean images of traced samples, by their rows. */
  readonly #cleanFeatures = new Map<string, FeatureBlock>();

  constructor(watched: Watched) {
    this.#at = watched;
    this.#forwards = new Float64Array(this.#n).fill(NaN);
    this.#gradients = new Float64Array(this.#n).fill(NaN);
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

  readonly seen: NonNullable<Counting['watch']> = async (rows, x, outputs) => {
    const traced = rows.filter((row) => {
      const way = this.#ways.get(row);
      return way && way.calls++ % way.stride === 0;
    });
    const open = rows.some((row) => Number.isNaN(this.#forwards[row]));
    if (!open && traced.length === 0) return;
    const { ledger } = this.#at;
    const [criterion, inside] = await this.#look(rows, x, outputs);
    rows.forEach((row, i) => {
      if (!(isMet(criterion[i]) && inside[i]) || !Number.isNaN(this.#forwards[row])) return;
      this.#forwards[row] = ledger.forwards[row];
      this.#gradients[row] = ledger.gradients[row];
    });
    if (traced.length > 0) await this.#trace(traced, rows, x, criterion);
  };

  /** Criterion of each row, and whether its input is one that the attack may return. */
  async #look(rows: readonly number[], x: tf.Tensor4D, outputs: VictimOutputs) {
    const { victim, clean, goal, threat, needsFeatures } = this.#at;
    const both = await tidyAsync(async () => {
      const original = tf.tensor(pickBlocks(clean, rows, this.#n), x.shape);
      const flat = (images: tf.Tensor) => tf.reshape(images, [rows.length, -1]) as tf.Tensor2D;
      const allowed = perThreat(flat(original), flat(x), victim.traits.bounds, threat);
      const given = needsFeatures ? { ...outputs, ...(await victim.features(x)) } : outputs;
      return tf.stack([goal(rows).value(given), tf.cast(allowed, 'float32')]);
    });
    const values = (await both.data()) as Float32Array;
    both.dispose();
    return [values.subarray(0, rows.length), values.subarray(rows.length)];
  }

  async #trace(traced: readonly number[], rows: readonly number[], x: tf.Tensor4D, criterion: Float32Array) {
    const { ledger } = this.#at;
    const positions = traced.map((row) => rows.indexOf(row));
    const mi = await this.#information(traced, positions, x);
    traced.forEach((row, i) => {
      const way = this.#ways.get(row)!;
      const { trace } = way;
      trace.gradients.push(ledger.gradients[row]);
      trace.forwards.push(ledger.forwards[row]);
      trace.criterion.push(round(criterion[positions[i]]));
      if (mi) trace.mi!.push(round(mi[i]));
      if (trace.criterion.length <= longest) return;
      way.stride *= 2;
      for (const list of [trace.gradients, trace.forwards, trace.criterion, trace.mi ?? []])
        list.splice(0, list.length, ...list.filter((_, at) => at % 2 === 0));
    });
  }

  async #information(traced: readonly number[], positions: readonly number[], x: tf.Tensor4D) {
    const { victim, yardstick, clean } = this.#at;
    if (!yardstick) return undefined;
    const key = traced.join();
    const before = this.#cleanFeatures.get(key) ?? (await featureBlock(victim, pickBlocks(clean, traced, this.#n))); // prettier-ignore
    this.#cleanFeatures.set(key, before);
    const all = (await x.data()) as Float32Array;
    return yardstick.estimate(before, await featureBlock(victim, pickBlocks(all, positions, x.shape[0])));
  }
}

const round = (value: number) => Number(value.toPrecision(5));
