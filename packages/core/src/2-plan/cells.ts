import type { Shard } from '@gauntlet/api';
import type { AttackEntry, Spec } from '../1-spec/spec.js';
import { type Costs, shareOf } from './shares.js';
import type { VictimConfig } from '../victims/open-victim.js';

/** One victim × one attack × the dataset slice: the unit of the report. */
export interface Cell {
  id: string;
  victim: VictimConfig;
  attack: AttackEntry;
}

/** Which cells of a spec to run; all that are given must agree. */
export interface CellChoice {
  /** Those whose id matches. */
  grep?: RegExp;
  /** Those of these ids. */
  only?: ReadonlySet<string>;
  /** A share of what is left, for one of several machines (counted from 1): every `count`-th, or by cost. */
  shard?: Shard;
  /** What cells took in an earlier run, to make shares of about the same cost. */
  costs?: Costs;
}

/** The cells of a spec, victims first. */
export function makeCells(spec: Spec, { grep, only, shard, costs }: CellChoice = {}): Cell[] {
  const cells = spec.victims
    .flatMap((victim) =>
      spec.attacks.map((attack) => ({ id: `${victim.name}/${attack.name}`, victim, attack })),
    )
    .filter(({ id }) => (!grep || grep.test(id)) && (!only || only.has(id)));
  return shard ? shareOf(cells, shard, costs) : cells;
}
