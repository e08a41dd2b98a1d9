import type { Progress } from '@gauntlet/api';

/** Values that are kept of a sample at most. */
const longest = 64;

interface Way {
  looks: number;
  start: number;
  best: number;
  /** The smallest value after every `stride`-th look. */
  kept: number[];
  stride: number;
}

/** How near an attack came to its goal, look by look: the smallest criterion so far, for each sample of a batch. */
export class ProgressLog {
  readonly #ways: (Way | undefined)[];

  constructor(n: number) {
    this.#ways = new Array<Way | undefined>(n);
  }

  add(row: number, criterion: number): void {
    if (!Number.isFinite(criterion)) return;
    const way = (this.#ways[row] ??= { looks: 0, start: criterion, best: criterion, kept: [], stride: 1 });
    if (criterion < way.best) way.best = criterion;
    if (way.looks++ % way.stride !== 0) return;
    way.kept.push(way.best);
    if (way.kept.length <= longest) return;
    way.stride *= 2;
    way.kept = way.kept.filter((_, at) => at % 2 === 0);
  }

  /** Nothing for a sample that the victim was never asked about. `late` is where about a tenth of the looks was left. */
  of(row: number): Progress | undefined {
    const way = this.#ways[row];
    if (!way) return undefined;
    const { looks, start, best, kept, stride } = way;
    const at = Math.min(kept.length - 1, Math.floor((0.9 * (looks - 1)) / stride));
    return {
      looks,
      start: round(start),
      late: round(kept[at]),
      lateLooks: looks - 1 - at * stride,
      end: round(best),
    };
  }
}

const round = (value: number) => Number(value.toPrecision(5));
