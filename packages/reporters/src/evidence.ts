import type {
  CellReport,
  Finding,
  Interval,
  MetricName,
  Outcome,
  Report,
  Verdict,
  VictimReport,
  WorstCaseReport,
} from '@gauntlet/api';
import { percent, plain, threatText } from './text.js';

/** Whether a cell has something to say that stops a build. */
export const stops = ({ verdict }: { verdict: Verdict }): boolean =>
  verdict === 'fail' || verdict === 'inconclusive';

/** Why a cell does not pass: what takes its evidence away, and the limits that it broke. */
export function reasonsOf({
  findings,
  expectations,
}: Pick<CellReport, 'findings' | 'expectations'>): string[] {
  const against = findings.filter(({ severity }) => severity === 'inconclusive').map(findingText);
  const open = expectations.filter(
    ({ verdict }) => verdict === 'fail' || (verdict === 'inconclusive' && against.length === 0),
  );
  return [...against, ...open.map(({ message }) => message)];
}

export const worstCaseName = ({ victim, threat }: WorstCaseReport): string =>
  `${victim}: worst case (${threatText(threat)})`;

/** What a worst case came to: what stops it, or the limits that it keeps. */
export const worstCaseReasons = (one: WorstCaseReport): string[] =>
  stops(one) ? reasonsOf(one) : one.expectations.map(({ message }) => message);

/** Stages that are named, those that broke several samples first; a family of corruptions may have hundreds of settings. */
const mostStages = 6;

/** Of an attack in several stages how many samples each broke, the one with most first; nothing of others. */
export function stagesOf({ outcomes }: CellReport): string | undefined {
  const counts = new Map<string, number>();
  for (const { stage } of outcomes) if (stage !== undefined) counts.set(stage, (counts.get(stage) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  if (sorted.length === 0) return undefined;
  const named = sorted.slice(0, mostStages).map(([stage, n]) => `${plain(stage, 40)}: ${n}`);
  const others = sorted.slice(mostStages).reduce((sum, [, n]) => sum + n, 0);
  return `broken by ${[...named, ...(others > 0 ? [`others: ${others}`] : [])].join(', ')}`;
}

/** Of a cell that was tried with all corruptions of a family: the mean corruption error, and accuracy by severity. */
export function corruptionText({ metrics }: CellReport): string | undefined {
  const { mCE } = metrics;
  if (mCE?.value === undefined) return undefined;
  const by = ([1, 2, 3, 4, 5] as const).flatMap((severity) => {
    const value = metrics[`corruptionAccuracy.severity${severity}`]?.value;
    return value === undefined ? [] : [`${severity}: ${percent(value)}`];
  });
  return `mCE ${percent(mCE.value)} of ${mCE.n} samples; accuracy by severity ${by.join(', ')}`;
}

/** Outcomes of samples that were to be attacked: those after the decision of an early gate were not. */
export const lookedAt = ({ outcomes, early }: CellReport): readonly Outcome[] =>
  outcomes.slice(0, early?.samples);

/** How much an early gate saved. */
export const earlyText = ({ early }: CellReport): string | undefined =>
  early && `decided after ${early.samples} of ${early.samples + early.saved} samples`;

/** What examples of an earlier run came to, if some were tried. */
export function examplesText({ outcomes, examples }: CellReport): string | undefined {
  if (!examples?.tried) return undefined;
  const tried = outcomes.filter(({ example }) => example !== undefined);
  const broken = tried.filter(({ example }) => example === 'broken').length;
  return `${broken} of ${tried.length} samples that have an example in the baseline are broken by it still`;
}

/** With its name, by which a spec can accept it. */
export const findingText = ({ code, message, accepted }: Finding): string =>
  `${message} [${code}${accepted ? ', accepted by the spec' : ''}]`;

/** What is worth a look and stops nothing, each once with the cells that it is about. */
export function warningsOf({ cells, worstCases = [] }: Report): { text: string; ids: string[] }[] {
  const found = new Map<string, string[]>();
  const all = [...cells, ...worstCases.map((one) => ({ id: worstCaseName(one), findings: one.findings }))];
  for (const { id, findings } of all)
    for (const finding of findings.filter(({ severity }) => severity === 'warning')) {
      const text = findingText(finding);
      found.set(text, [...(found.get(text) ?? []), id]);
    }
  return [...found].map(([text, ids]) => ({ text, ids }));
}

/** What is found of a model that knows nothing, and what that is called. */
const ignorance: Partial<Record<Finding['code'], string>> = {
  'near-chance': 'near chance',
  collapsed: 'collapsed',
};

/** Models that know nothing, of which robustness says nothing; unless the spec accepts it. */
export function uninformed({ victims, cells }: Report): { label: string; text: string }[] {
  return victims.flatMap(({ name }) => {
    const found = cells
      .filter(({ victim }) => victim === name)
      .flatMap(({ findings }) => findings)
      .find(({ code, accepted }) => ignorance[code] && !accepted);
    if (!found) return [];
    return [{ label: ignorance[found.code]!, text: `${plain(name)}: ${plain(found.message, 500)}` }];
  });
}

/** The worst that was found of a victim under one threat model. */
export interface Headline {
  /** Norm and ε, without which the number says nothing; with the goal, where that is not to mislead. */
  threat: string;
  /** What the number is, as it is said of it. */
  measure: 'accuracy' | 'with all labels right' | 'of samples broken';
  /** Of a classifier the accuracy under attack, of an autoencoder the share of samples that were broken. */
  value: number;
  n: number;
  /** 95 %. */
  interval?: Interval;
  /** What the attacks found: samples that they broke, nothing, or nothing that says anything. */
  found: 'broken' | 'nothing' | 'inconclusive';
  /** The attack that found the worst; where none found anything all attacks, without those that say nothing if others do. */
  by: string;
}

/** The threat model of a cell, with a goal of the spec's own: cells of two of them answer different questions. */
export const threatOf = ({ threat, criterion }: CellReport): string =>
  threatText(threat) + (criterion === undefined ? '' : `, goal ${plain(criterion, 60)}`);

/**
 * Of a classifier its least accuracy under attack, of an autoencoder the highest rate of success, for each threat model:
 * one number over several would be the one of the largest ε. Those of which the spec expects something come first, otherwise
 * they are in the order of the report.
 */
export function headlinesOf({ cells }: Report, victim: VictimReport): Headline[] {
  const metric = victim.kind === 'classifier' ? 'robustAccuracy' : 'asr';
  const measure =
    metric === 'asr' ? 'of samples broken' : victim.multiLabel ? 'with all labels right' : 'accuracy';
  const groups = new Map<string, CellReport[]>();
  for (const cell of cells)
    if (cell.victim === victim.name && cell.metrics[metric]?.value !== undefined) {
      const threat = threatOf(cell);
      groups.set(threat, [...(groups.get(threat) ?? []), cell]);
    }
  const expected = (of: CellReport[]) => (of.some(({ expectations }) => expectations.length > 0) ? 0 : 1);
  return [...groups]
    .sort(([, a], [, b]) => expected(a) - expected(b))
    .map(([threat, of]) => ({ threat, measure, ...worstOf(of, metric) }));
}

function worstOf(
  cells: readonly CellReport[],
  metric: 'robustAccuracy' | 'asr',
): Omit<Headline, 'threat' | 'measure'> {
  const sign = metric === 'asr' ? -1 : 1;
  const valueOf = ({ metrics }: CellReport) => metrics[metric]!.value!;
  const sorted = [...cells].sort((a, b) => sign * (valueOf(a) - valueOf(b)));
  const broken = sorted[0].outcomes.some(({ status }) => status === 'broken');
  const sound = sorted.filter(({ verdict }) => verdict !== 'inconclusive');
  const said = broken ? sorted.slice(0, 1) : sound.length > 0 ? sound : sorted;
  const { n, interval } = said[0].metrics[metric]!;
  return {
    value: valueOf(said[0]),
    n,
    interval,
    found: broken ? 'broken' : sound.length > 0 ? 'nothing' : 'inconclusive',
    by: said.map(({ attack }) => plain(attack, 60)).join(', '),
  };
}

/** More threat models than these, such as the points of a sweep, are left to tables and curves. */
export const mostHeadlines = 4;

/** What the headlines leave out. */
export const furtherThreats = (headlines: readonly Headline[]): string | undefined => {
  const more = headlines.length - mostHeadlines;
  return more > 0 ? `and ${more} more threat ${more === 1 ? 'model' : 'models'} in the table` : undefined;
};

/** The headlines of each classifier as sentences. */
export function headlines(report: Report): string[] {
  return report.victims.flatMap((victim) => {
    const found = victim.kind === 'classifier' ? headlinesOf(report, victim) : [];
    const name = plain(victim.name);
    const more = furtherThreats(found);
    return [
      ...found.slice(0, mostHeadlines).map((headline) => `${name}: ${sentenceOf(headline)}`),
      ...(more ? [`${name}: ${more}`] : []),
    ];
  });
}

function sentenceOf({ threat, measure, value, n, found, by }: Headline): string {
  if (found === 'inconclusive') return `nothing is known under ${threat}: ${by} inconclusive`;
  if (measure === 'with all labels right') {
    const seen = `${percent(value)} with all labels right`;
    return found === 'broken'
      ? `at worst ${seen} under attack (${by}, ${threat}; n = ${n})`
      : `no failure found by ${by} (${threat}); ${seen} (n = ${n})`;
  }
  return found === 'broken'
    ? `accuracy under attack at worst ${percent(value)} (${by}, ${threat}; n = ${n})`
    : `no failure found by ${by} (${threat}); accuracy ${percent(value)} (n = ${n})`;
}

/** What the tables' measures of similarity are: those that a cell has a number for. Distances are over broken samples, too. */
export function similarityText({ yardstick, cells }: Report, shown: (text: string) => string): string {
  const has = (name: MetricName) => cells.some(({ metrics }) => metrics[name]?.value !== undefined);
  return [
    yardstick && `MI: ${shown(yardstick)}.`,
    has('mi.own') && "own MI: the attack's own estimate.",
    has('ssim') && 'SSIM: structural similarity, 1 is the same image; no attack here optimises it.',
    (yardstick || has('ssim')) && 'All over broken samples.',
  ]
    .filter(Boolean)
    .join(' ');
}
