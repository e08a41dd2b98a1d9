import { tf } from '@gauntlet/api';

/** Section 3.1: p_0 = 0, p_1 = 0.22, p_{j+1} = p_j + max(p_j − p_{j−1} − 0.03, 0.06); w_j = ⌈p_j · steps⌉. */
export function checkpoints(steps: number): Set<number> {
  const marks = new Set<number>();
  // In hundredths, which floats add without loss.
  for (let [last, now] = [0, 22]; now <= 100; [last, now] = [now, now + Math.max(now - last - 3, 6)])
    marks.add(Math.ceil((now * steps) / 100));
  return marks;
}

/** The step size of each sample of a batch, halved at checkpoints where it has not served (conditions 1 and 2). */
export class StepSizes {
  readonly #rho: number;
  readonly #size: Float64Array;
  readonly #largest: Float64Array;
  readonly #last: Float64Array;
  /** Since the last checkpoint: steps, and those among them that raised the loss. */
  readonly #steps: Float64Array;
  readonly #rises: Float64Array;
  /** At the last checkpoint: the largest loss, and whether the size was halved. */
  readonly #largestThen: Float64Array;
  readonly #halvedThen: Uint8Array;

  constructor(n: number, size: number, rho: number) {
    this.#rho = rho;
    this.#size = new Float64Array(n).fill(size);
    this.#largest = new Float64Array(n).fill(-Infinity);
    this.#last = new Float64Array(n).fill(NaN);
    this.#steps = new Float64Array(n);
    this.#rises = new Float64Array(n);
    this.#largestThen = new Float64Array(n).fill(-Infinity);
    // The first checkpoint compares with the start, where nothing could have got better yet.
    this.#halvedThen = new Uint8Array(n).fill(1);
  }

  /** [rows.length] */
  of(rows: readonly number[]): tf.Tensor1D {
    return tf.tensor1d(rows.map((row) => this.#size[row]!));
  }

  /** Takes down the losses of some samples at their new points; whether each is the largest so far. */
  see(rows: readonly number[], loss: ArrayLike<number>): boolean[] {
    return rows.map((row, i) => {
      const value = loss[i]!;
      if (!Number.isNaN(this.#last[row]!)) {
        this.#steps[row]!++;
        if (value > this.#last[row]!) this.#rises[row]!++;
      }
      this.#last[row] = value;
      if (!(value > this.#largest[row]!)) return false;
      this.#largest[row] = value;
      return true;
    });
  }

  /** At a checkpoint: halves where a condition holds, and says where. Those samples go on from their best point. */
  check(rows: readonly number[]): boolean[] {
    return rows.map((row) => {
      const tooFew = this.#rises[row]! < this.#rho * this.#steps[row]!;
      const stuck = !this.#halvedThen[row] && this.#largest[row] === this.#largestThen[row];
      const halves = tooFew || stuck;
      if (halves) {
        this.#size[row]! /= 2;
        this.#last[row] = this.#largest[row]!;
      }
      this.#halvedThen[row] = halves ? 1 : 0;
      this.#largestThen[row] = this.#largest[row]!;
      this.#steps[row] = this.#rises[row] = 0;
      return halves;
    });
  }
}
