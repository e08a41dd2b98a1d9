import type { Budget, CellReport, Metric, ModelKind, Outcome, Report, ThreatModel } from '@gauntlet/api';
import { mean, wilson } from '../4-judge/statistics/intervals.js';
import { holm, mcnemar } from '../4-judge/statistics/paired.js';
import { successCurve, type SuccessPoint } from './success-curve.js';

/** Two attacks on the same samples. Lists are indices in the dataset. */
export interface Pair {
  first: string;
  second: string;
  /** Samples that both attacked and the referee could judge. */
  n: number;
  both: number;
  neither: number;
  onlyFirst: number[];
  onlySecond: number[];
  /** McNemar's exact test, two-sided; `adjusted` by Holm over all pairs on the victim. */
  pValue: number;
  adjusted: number;
  /** The attack that is stronger, if the difference is more than noise. */
  stronger?: string;
}

export interface Contestant {
  attack: string;
  cell: string;
  /** 1 + the number of attacks that are shown to be stronger. */
  rank: number;
  asr?: Metric;
  mi?: Metric;
  ssim?: Metric;
  l2?: Metric;
  linf?: Metric;
  gradients?: Metric;
  forwards?: Metric;
  seconds?: Metric;
  /** Samples that no other attack breaks. */
  alone: number[];
  /** By gradient evaluations, or by forward passes for an attack without gradients. */
  cost: 'gradients' | 'forwards';
  curve: SuccessPoint[];
}

/** All attacks together: a sample counts as broken if any of them breaks it. */
export interface Ensemble {
  asr: Metric;
  /** Of the attack that serves best on each broken sample: most information kept (classifier), least (autoencoder). */
  mi?: Metric;
  ssim?: Metric;
  /** The shortest perturbation that breaks each (classifier), the longest (autoencoder). */
  l2?: Metric;
}

/** Attacks of one threat model on one victim. */
export interface VictimComparison {
  victim: string;
  threat: ThreatModel;
  /** Strongest first. */
  contestants: Contestant[];
  pairs: Pair[];
  ensemble: Ensemble;
}

export interface Comparison {
  format: 'gauntlet-comparison';
  version: 2;
  gauntlet: string;
  spec: string;
  seed: number;
  dataset: Report['dataset'];
  /** What each attack was allowed to spend on a sample, if that was limited. */
  budget?: Budget;
  /** Level of the paired tests. */
  significance: number;
  /** By victim, threat model and goal: an attack that may do more, or that has less to achieve, is not stronger for it. */
  victims: VictimComparison[];
  /** Ids of cells that are the only ones of their threat model and goal. */
  unpaired: string[];
}

/**
 * The attacks of a run beside each other, where several of one threat model and goal have attacked a victim; points of sweeps are left
 * out.
 */
export function headToHead(report: Report, significance = 0.05): Comparison {
  const { gauntlet, spec, seed, dataset } = report;
  const cells = report.cells.filter(({ sweep }) => !sweep);
  const claims = [...new Set(cells.map(claimOf))];
  const groups = claims.map((claim) => cells.filter((cell) => claimOf(cell) === claim));
  const victims = report.victims.flatMap(({ name, kind }) =>
    groups
      .filter((group) => group.length > 1 && group[0].victim === name)
      .map((group) => compareCells(kind, group, significance)),
  );
  const { budget } = report.cells[0] ?? {};
  return {
    format: 'gauntlet-comparison',
    version: 2,
    gauntlet,
    spec,
    seed,
    dataset,
    budget,
    significance,
    victims,
    unpaired: groups.filter((group) => group.length === 1).map(([{ id }]) => id),
  };
}

const claimOf = ({ victim, criterion, threat: { norm, epsilon, target, family } }: CellReport): string =>
  JSON.stringify([victim, norm, epsilon, target ?? null, family ?? null, criterion ?? null]);

type Judged = ReadonlyMap<number, Outcome>;

function compareCells(kind: ModelKind, cells: readonly CellReport[], significance: number): VictimComparison {
  const judged = new Map(cells.map(({ attack, outcomes }) => [attack, attacked(outcomes)]));
  const pairs = pairsOf(
    cells.map(({ attack }) => attack),
    judged,
    significance,
  );
  const contestants = cells.map((cell): Contestant => {
    const { asr, mi, ssim, l2, linf, gradients, forwards, seconds } = cell.metrics;
    const others = [...judged].filter(([name]) => name !== cell.attack);
    const alone = [...judged.get(cell.attack)!.values()].filter(
      (one) => isBroken(one) && others.every(([, some]) => some.get(one.index)?.status === 'held'),
    );
    const stronger = pairs.filter(
      (pair) => involves(pair, cell.attack) && pair.stronger !== undefined && pair.stronger !== cell.attack,
    );
    const cost = gradients?.value ? 'gradients' : 'forwards';
    return {
      attack: cell.attack,
      cell: cell.id,
      rank: 1 + stronger.length,
      asr,
      mi,
      ssim,
      l2,
      linf,
      gradients,
      forwards,
      seconds,
      alone: alone.map(({ index }) => index),
      cost,
      curve: successCurve(cell, cost),
    };
  });
  const order = (one: Contestant) => [one.rank, -(one.asr?.value ?? -1), one.gradients?.value ?? 0];
  contestants.sort((a, b) => lexical(order(a), order(b)));
  const [{ victim, threat }] = cells;
  return { victim, threat, contestants, pairs, ensemble: ensembleOf([...judged.values()], kind) };
}

const isBroken = ({ status }: Outcome) => status === 'broken';
const involves = ({ first, second }: Pair, attack: string) => first === attack || second === attack;
const attacked = (outcomes: readonly Outcome[]): Judged =>
  new Map(
    outcomes.filter(({ status }) => status === 'broken' || status === 'held').map((one) => [one.index, one]),
  );

function lexical(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : a[at] - b[at];
}

function pairsOf(
  attacks: readonly string[],
  judged: ReadonlyMap<string, Judged>,
  significance: number,
): Pair[] {
  const pairs = attacks.flatMap((first, i) =>
    attacks.slice(i + 1).map((second) => {
      const [a, b] = [judged.get(first)!, judged.get(second)!];
      const shared = [...a.values()].filter(({ index }) => b.has(index));
      const other = (one: Outcome) => b.get(one.index)!;
      const only = (yes: (one: Outcome) => Outcome, no: (one: Outcome) => Outcome) =>
        shared.filter((one) => isBroken(yes(one)) && !isBroken(no(one))).map(({ index }) => index);
      const onlyFirst = only((one) => one, other);
      const onlySecond = only(other, (one) => one);
      const both = shared.filter((one) => isBroken(one) && isBroken(other(one))).length;
      const n = shared.length;
      const neither = n - both - onlyFirst.length - onlySecond.length;
      return {
        first,
        second,
        n,
        both,
        neither,
        onlyFirst,
        onlySecond,
        pValue: mcnemar(onlyFirst.length, onlySecond.length),
      };
    }),
  );
  const adjusted = holm(pairs.map(({ pValue }) => pValue));
  return pairs.map((pair, i) => {
    const shown = adjusted[i] < significance;
    const stronger = pair.onlyFirst.length > pair.onlySecond.length ? pair.first : pair.second;
    return { ...pair, adjusted: adjusted[i], ...(shown && { stronger }) };
  });
}

function ensembleOf(judged: readonly Judged[], kind: ModelKind): Ensemble {
  const indices = [...new Set(judged.flatMap((some) => [...some.keys()]))];
  const successes = indices.map((index) => judged.flatMap((some) => some.get(index) ?? []).filter(isBroken));
  const broken = successes.filter((some) => some.length > 0);
  const [n, k] = [indices.length, broken.length];
  // The better for the attacker: an image that looks the same and is taken for another, or the other way round.
  const [most, least] = kind === 'classifier' ? [Math.max, Math.min] : [Math.min, Math.max];
  const over = (pick: (one: Outcome) => number | undefined, best: (...values: number[]) => number) => {
    const values = broken
      .map((some) => some.map(pick).filter((value) => value !== undefined))
      .filter((some) => some.length > 0)
      .map((some) => best(...some));
    return values.length > 0 ? { value: mean(values), n: values.length } : undefined;
  };
  return {
    asr: n > 0 ? { value: k / n, n, interval: wilson(k, n, 0.95) } : { n },
    mi: over(({ mi }) => mi, most),
    ssim: over(({ ssim }) => ssim, most),
    l2: over(({ l2 }) => l2, least),
  };
}
