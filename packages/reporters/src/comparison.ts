import { budgetText, type Metric } from '@gauntlet/api';
import type { Comparison, Contestant, Pair, VictimComparison } from '@gauntlet/core';
import { code } from './markdown.js';
import type { Paint } from './paint.js';
import { number, percent, plain, probability, threatText } from './text.js';
import { textTable } from './text-table.js';

const head = [
  'rank',
  'attack',
  'ASR [95 %]',
  'n',
  'only it',
  'MI',
  'SSIM',
  'L2',
  'L∞',
  'gradients',
  's/sample',
];

/** Attacks beside each other, for a terminal. */
export function comparisonSummary({ victims, unpaired, budget }: Comparison, paint: Paint): string {
  const tables = victims.flatMap((one) => {
    const table = textTable(head, paint);
    table.push(...rows(one, (text) => plain(text, 40)));
    const sentences = one.pairs.map((pair) =>
      paint(
        pair.stronger === undefined ? 'dim' : 'bold',
        plain(
          sentence(pair, (text) => text),
          500,
        ),
      ),
    );
    return [paint('bold', heading(one, plain)), table.toString(), ...sentences, ''];
  });
  return [
    ...(budget ? [paint('dim', `Each attack within ${budgetText(budget)} a sample.`)] : []),
    ...tables,
    ...(unpaired.length > 0
      ? [
          paint(
            'dim',
            plain(
              unpairedText(unpaired, (id) => id),
              500,
            ),
          ),
        ]
      : []),
  ].join('\n');
}

/** The same as GitHub's Markdown, for a pull request. */
export function comparisonMarkdown({
  victims,
  unpaired,
  dataset,
  seed,
  budget,
  significance,
}: Comparison): string {
  return [
    `### Attacks head to head on ${dataset.n} samples of ${code(dataset.name)}, seed ${seed}`,
    '',
    ...(budget ? [`Each attack within ${budgetText(budget)} a sample.`, ''] : []),
    ...victims.flatMap((one) => [
      `**${heading(one, code)}**`,
      '',
      `| ${head.join(' | ')} |`,
      `|---:|---|${'---:|'.repeat(head.length - 2)}`,
      ...rows(one, code).map((cells) => `| ${cells.join(' | ')} |`),
      '',
      ...one.pairs.map((pair) => `- ${sentence(pair, code)}`),
      '',
    ]),
    ...(unpaired.length > 0 ? [unpairedText(unpaired, code), ''] : []),
    `Paired on the same samples by McNemar's exact test, corrected by Holm, at ${number(significance)}. A rank is 1 and the number of attacks shown to be stronger; "only it" counts the samples that no other attack breaks; "all together" takes for each sample the attack that serves best.`,
    '',
  ].join('\n');
}

const heading = ({ victim, threat }: VictimComparison, name: (text: string) => string): string =>
  `${name(victim)}, ${threatText(threat)}`;

/** What has no table. */
export const unpairedText = (ids: readonly string[], name: (id: string) => string): string =>
  `Not compared, since no other attack has the same threat model and goal: ${ids.map(name).join(', ')}.`;

const show = (metric: Metric | undefined) => (metric?.value === undefined ? '–' : number(metric.value));
const rate = ({ value, interval }: Metric) =>
  value === undefined
    ? '–'
    : `${percent(value)} [${interval!.map((one) => (100 * one).toFixed(0)).join(', ')}]`;

function rows({ contestants, ensemble }: VictimComparison, name: (text: string) => string): string[][] {
  const row = ({ rank, attack, asr, alone, mi, ssim, l2, linf, gradients, seconds }: Contestant) => [
    String(rank),
    name(attack),
    asr ? rate(asr) : '–',
    String(asr?.n ?? 0),
    String(alone.length),
    ...[mi, ssim, l2, linf, gradients, seconds].map(show),
  ];
  const { asr, mi, ssim, l2 } = ensemble;
  return [
    ...contestants.map(row),
    ['', 'all together', rate(asr), String(asr.n), '', show(mi), show(ssim), show(l2), '', '', ''],
  ];
}

function sentence(
  { first, second, onlyFirst, onlySecond, n, adjusted, stronger }: Pair,
  name: (text: string) => string,
): string {
  const [more, fewer] = stronger === second ? [onlySecond, onlyFirst] : [onlyFirst, onlySecond];
  const [a, b] = stronger === second ? [second, first] : [first, second];
  const evidence = `of ${n} samples, ${more.length} only by ${name(a)}, ${fewer.length} only by ${name(b)}, p = ${probability(adjusted)}`;
  return stronger === undefined
    ? `${name(a)} and ${name(b)}: no difference shown (${evidence})`
    : `${name(a)} is stronger than ${name(b)} (${evidence})`;
}
