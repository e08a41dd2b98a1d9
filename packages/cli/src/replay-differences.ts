import type { CellReport, Report } from '@gauntlet/api';
import { type Cell, packageVersion } from '@gauntlet/core';

/** What a replay was made with. */
export interface Replayed {
  cell: Cell;
  /** What it was computed by, as reports call it; nothing for a sample that was not attacked. */
  engines?: readonly string[];
  /** sha256 of the victim. */
  victim?: string;
}

/** What the report tells of and is not any more as it was, a line each: "epsilon: 0.1 in the run, 0.2 now". */
export function replayDifferences(report: Report, recorded: CellReport, now: Replayed): string[] {
  const { attack } = now.cell;
  const { engine, hash } = report.victims.find(({ name }) => name === recorded.victim)!;
  const pairs: [what: string, then: unknown, now: unknown][] = [
    ['Gauntlet', report.gauntlet, packageVersion],
    ['use', recorded.use, attack.use],
    [`version of ${recorded.use}`, recorded.version, attack.version],
    ...namesOf(recorded.params, attack.params).map((name): (typeof pairs)[number] => [
      name,
      recorded.params[name],
      attack.params[name],
    ]),
    ['threat model', recorded.threat, attack.threat],
    ['budget', recorded.budget, attack.budget],
    ['criterion', recorded.criterion, attack.criterion?.use],
    ['engine', engine, now.engines?.find((one) => one !== engine) ?? engine],
    ['weights of the victim', hash, now.victim ?? hash],
  ];
  return pairs
    .map(([what, ...values]) => [what, ...values.map((value) => JSON.stringify(value) ?? 'none')])
    .filter(([, then, now]) => then !== now)
    .map(([what, then, now]) => `${what}: ${then} in the run, ${now} now`);
}

const namesOf = (...objects: object[]) => [...new Set(objects.flatMap((one) => Object.keys(one)))];
