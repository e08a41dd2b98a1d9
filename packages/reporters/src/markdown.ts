import path from 'node:path';
import { type CellReport, defineReporter, type ModelKind, type Report } from '@gauntlet/api';
import { writeWhole } from '@gauntlet/core';
import {
  earlyText,
  examplesText,
  headlines,
  reasonsOf,
  similarityText,
  stops,
  uninformed,
  warningsOf,
  worstCaseName,
  worstCaseReasons,
} from './evidence.js';
import { byKind, kindColumns, showMetric } from './by-kind.js';
import { attackMarks, judgesAttacks, marks, type Standing, standingOf } from './standing.js';
import { replayCommand, shownFolder, worstSamples } from './replay.js';
import { duration, number, percent, plain } from './text.js';

const mark: Record<Standing, string> = {
  ...marks,
  pass: '✅ pass',
  fail: '❌ fail',
  inconclusive: '⚠️ inconclusive',
};

/** User strings in Markdown: a code span, in which nothing is a link, a mention, markup or the end of a table cell. */
export const code = (text: string, longest = 200) =>
  `\`${plain(text, longest).replaceAll('`', "'").replaceAll('|', '\\|') || ' '}\``;

/** report.md: for a pull request or a job summary. */
export const markdownReporter = defineReporter({
  name: 'markdown',
  version: 1,
  description: 'report.md: the table for a pull request',
  params: { type: 'object', additionalProperties: false, properties: {} },
  files: () => [{ path: 'report.md' }],
  open: ({ folder, cwd }) => ({
    onEvent(event) {
      if (event.type === 'run-done')
        writeWhole(path.join(folder, 'report.md'), [markdown(event.report, shownFolder({ folder, cwd }))]);
    },
  }),
});

/** The report as GitHub's Markdown, in the order of the page: verdict, what did not pass, the victims' numbers, all cells. */
export function markdown(report: Report, folder: string): string {
  const { seconds, workers } = report.execution;
  const failing = report.cells.filter(stops);
  const warnings = warningsOf(report);
  const similarity = similarityText(report, (text) => code(text, 500));
  return [
    `### ${mark[report.verdict]} ${code(report.spec)}${report.interrupted ? ' (interrupted)' : ''}`,
    '',
    ...uninformed(report).flatMap(({ text }) => [`⚠️ ${code(text, 700)}`, '']),
    `${report.cells.length} cells × ${report.dataset.n} samples of ${code(report.dataset.name)}, seed ${report.seed}, ${duration(seconds)} on ${workers} workers.`,
    '',
    ...failing.flatMap((cell) => complaint(cell, folder)),
    ...(report.worstCases ?? []).flatMap((one) => [
      `**${mark[one.verdict]}** ${code(worstCaseName(one), 120)}`,
      '',
      ...worstCaseReasons(one).map((reason) => `- ${code(reason, 700)}`),
      '',
    ]),
    ...headlines(report).flatMap((line) => [code(line, 500), '']),
    ...difference(report),
    ...tables(report),
    ...report.cells.flatMap((cell) => (cell.early ? [`${code(cell.id)}: ${earlyText(cell)}.`, ''] : [])),
    ...report.cells.flatMap((cell) =>
      cell.examples?.tried ? [`${code(cell.id)}: ${examplesText(cell)}.`, ''] : [],
    ),
    ...(judgesAttacks(report) ? [attackMarks, ''] : []),
    ...warnings.map(
      ({ text, ids }) => `- warning, ${ids.map((id) => code(id)).join(', ')}: ${code(text, 500)}`,
    ),
    ...(warnings.length > 0 ? [''] : []),
    ...(similarity ? [similarity, ''] : []),
  ].join('\n');
}

function tables(report: Report): string[] {
  return byKind(report).flatMap(({ kind, cells }) => {
    const own = kindColumns[kind].map(({ name }) => name);
    const head = ['', 'victim', 'attack', ...own, 'ASR [95 %]', 'n', 'MI', 'SSIM', 'L2', 'L∞'];
    return [
      `| ${head.join(' | ')} |`,
      `|---|---|---|${'---:|'.repeat(head.length - 3)}`,
      ...cells.map((cell) => row(cell, kind)),
      '',
    ];
  });
}

function row(cell: CellReport, kind: ModelKind): string {
  const { victim, attack, metrics } = cell;
  const own = kindColumns[kind].map(({ metric, show }) => showMetric(metrics[metric], show));
  const { asr } = metrics;
  const interval = asr?.interval
    ? ` [${asr.interval.map((value) => (100 * value).toFixed(0)).join(', ')}]`
    : '';
  const numbers = [
    showMetric(asr, percent) + interval,
    String(asr?.n ?? 0),
    ...[metrics.mi, metrics.ssim, metrics.l2, metrics.linf].map((metric) => showMetric(metric, number)),
  ];
  return `| ${[mark[standingOf(cell)], code(victim, 60), code(attack, 60), ...own, ...numbers].join(' | ')} |`;
}

function complaint(cell: CellReport, folder: string): string[] {
  const [sample] = worstSamples(cell, 1);
  return [
    `**${mark[standingOf(cell)]}** ${code(cell.id)}`,
    '',
    ...reasonsOf(cell).map((reason) => `- ${code(reason, 700)}`),
    ...(sample === undefined ? [] : [`- look at it: ${code(replayCommand(folder, cell.id, sample), 500)}`]),
    '',
  ];
}

function difference({ difference: found }: Report): string[] {
  if (!found) return [];
  return [
    `**${mark[found.verdict]}** against the baseline ${code(found.baseline)}`,
    '',
    ...found.cells.map(({ id, verdict, message }) => `- ${mark[verdict]} ${code(id)}: ${code(message, 500)}`),
    '',
  ];
}
