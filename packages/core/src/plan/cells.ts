import type { AttackEntry, Spec } from '../spec/spec.js';
import type { VictimConfig } from '../victims/open-victim.js';

/** One victim × one attack × the dataset slice: the unit of the report. */
export interface Cell {
  id: string;
  victim: VictimConfig;
  attack: AttackEntry;
}

/** All cells of a spec whose id matches `grep`, victims first. */
export function makeCells(spec: Spec, grep?: RegExp): Cell[] {
  return spec.victims
    .flatMap((victim) =>
      spec.attacks.map((attack) => ({ id: `${victim.name}/${attack.name}`, victim, attack })),
    )
    .filter(({ id }) => !grep || grep.test(id));
}
