import { createHash } from 'node:crypto';
import type { Interval, Report, VictimReport } from '@gauntlet/api';
import { headlinesOf, threatOf } from '../evidence.js';
import { plain } from '../text.js';

/** The worst that one run found of a victim. */
export interface Moment {
  startedAt: string;
  /** The commit's first digits, or the day. */
  label: string;
  /** Share of the samples that are right under the worst attack; of an autoencoder, that held. */
  value: number;
  interval?: Interval;
  n: number;
  by: string;
  /** Attacks, their parameters or the data are others than in the run before: the two numbers answer different questions. */
  changed: boolean;
}

/** One victim of one spec under one threat model, from the oldest run to the newest. */
export interface History {
  spec: string;
  victim: string;
  threat: string;
  moments: Moment[];
}

/** Reports of any runs, in any order, as a history of each victim. */
export function historyOf(reports: readonly Report[]): History[] {
  const histories = new Map<string, History & { asked?: string }>();
  const byTime = [...reports].sort((a, b) => (a.execution.startedAt < b.execution.startedAt ? -1 : 1));
  for (const report of byTime)
    for (const victim of report.victims)
      for (const headline of headlinesOf(report, victim)) {
        const { threat, value, interval, n, by } = headline;
        // What says nothing is no point of a curve.
        if (headline.found === 'inconclusive') continue;
        const key = JSON.stringify([report.spec, victim.name, threat]);
        const history = histories.get(key) ?? {
          spec: plain(report.spec, 60),
          victim: plain(victim.name, 60),
          threat,
          moments: [],
        };
        histories.set(key, history);
        const asked = askedOf(report, victim, threat);
        const held = victim.kind === 'classifier';
        history.moments.push({
          startedAt: report.execution.startedAt,
          label: labelOf(report),
          value: held ? value : 1 - value,
          interval: held ? interval : interval && [1 - interval[1], 1 - interval[0]],
          n,
          by,
          changed: history.asked !== undefined && history.asked !== asked,
        });
        history.asked = asked;
      }
  return [...histories.values()].map(({ spec, victim, threat, moments }) => ({
    spec,
    victim,
    threat,
    moments,
  }));
}

const labelOf = ({ execution: { commit, startedAt } }: Report): string =>
  commit === undefined ? startedAt.slice(0, 10) : plain(commit, 100).slice(0, 8);

/** What a victim was asked under a threat model, on which data: two numbers are of one curve where this is the same. */
function askedOf({ cells, dataset, seed }: Report, { name, kind }: VictimReport, threat: string): string {
  const attacks = cells
    .filter((cell) => cell.victim === name && threatOf(cell) === threat)
    .map(({ attack, use, version, params, threat }) => [attack, use, version, params, threat]);
  const asked = JSON.stringify([kind, dataset.hash, dataset.n, seed, attacks]);
  return createHash('sha256').update(asked).digest('hex');
}
