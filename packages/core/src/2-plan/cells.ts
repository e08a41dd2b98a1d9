import type { Shard } from '@gauntlet/api';
import type { AttackEntry, Spec } from '../1-spec/spec.js';
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
  /** Every `count`-th of what is left, from the `index`-th on (counted from 1): a share for one of several machines. */
  shard?: Shard;
}

/** The cells of a spec, victims first. */
export function makeCells(spec: Spec, { grep, only, shard }: CellChoice = {}): Cell[] {
  return spec.victims
    .flatMap((victim) =>
      spec.attacks.map((attack) => ({ id: `${victim.name}/${attack.name}`, victim, attack })),
    )
    .filter(({ id }) => (!grep || grep.test(id)) && (!only || only.has(id)))
    .filter((_, i) => !shard || i % shard.count === shard.index - 1);
}
