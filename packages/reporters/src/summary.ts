import type { CellReport, Difference, Report, WorstCaseReport } from '@gauntlet/api';
import { cellTables } from './cells-table.js';
import {
  corruptionText,
  earlyText,
  examplesText,
  headlines,
  reasonsOf,
  similarityText,
  stagesOf,
  stops,
  uninformed,
  warningsOf,
  worstCaseName,
  worstCaseReasons,
} from './evidence.js';
import type { Paint } from './paint.js';
import { replayCommand, worstSamples } from './replay.js';
import { duration, plain } from './text.js';
import { attackMarks, judgesAttacks, standingOf } from './standing.js';
import { verdictText } from './verdict-text.js';

/** The last thing a person sees: a table of cells, then what did not pass and how to look at it. */
export function summary(report: Report, folder: string, paint: Paint, width: number): string {
  const lines = uninformed(report).map(({ text }) => paint('yellow', `! ${text}`));
  lines.push(...cellTables(report, paint, width));
  for (const cell of report.cells.filter(stops)) lines.push(...complaint(cell, folder, paint));
  for (const cell of report.cells) {
    const stages = stagesOf(cell);
    for (const text of [earlyText(cell), stages, examplesText(cell), corruptionText(cell)])
      if (text) lines.push(paint('dim', `${plain(cell.id, 120)}: ${text}`));
  }
  for (const one of report.worstCases ?? []) lines.push(...worstCase(one, paint));
  for (const { text, ids } of warningsOf(report))
    lines.push(paint('yellow', `! ${ids.map((id) => plain(id, 60)).join(', ')}: ${plain(text, 500)}`));
  for (const cell of report.cells.filter((one) => standingOf(one) === 'worked'))
    lines.push(paint('cyan', success(cell, folder)));
  if (report.difference) lines.push(...differences(report.difference, paint));
  lines.push(...headlines(report).map((line) => paint('bold', line)));
  const similarity = similarityText(report, (text) => plain(text, 500));
  if (similarity) lines.push(paint('dim', similarity));
  for (const { name, notes } of report.victims)
    for (const note of notes) lines.push(paint('dim', plain(`${name}: ${note}`)));
  if (!report.worstCases && report.cells.every(({ expectations }) => expectations.length === 0))
    lines.push(paint('yellow', 'The spec expects nothing: no result can fail it.'));
  if (judgesAttacks(report)) lines.push(paint('dim', attackMarks));
  const { reusedCells } = report.execution;
  if (reusedCells.length > 0)
    lines.push(
      paint(
        'dim',
        `reused: ${reusedCells.length} of ${report.cells.length} cells are unchanged since an earlier run (--force does them again)`,
      ),
    );
  return [...lines, `${verdictText(report.verdict, paint)}${ending(report, paint)}`].join('\n');
}

/** Only what did not pass, and a line for the whole. */
export function quietSummary(report: Report, folder: string, paint: Paint): string {
  return [
    ...uninformed(report).map(({ text }) => paint('yellow', `! ${text}`)),
    ...report.cells.filter(stops).flatMap((cell) => complaint(cell, folder, paint)),
    ...(report.worstCases ?? []).filter(stops).flatMap((one) => worstCase(one, paint)),
    ...(report.difference && stops(report.difference) ? differences(report.difference, paint) : []),
    `${verdictText(report.verdict, paint)} ${plain(report.spec)}${ending(report, paint)}`,
  ].join('\n');
}

function ending({ interrupted, execution: { seconds, workers }, victims }: Report, paint: Paint): string {
  const engines = [...new Set(victims.map(({ engine }) => plain(engine)))].join(', ');
  const stopped = interrupted ? paint('yellow', ' (interrupted; go on with --resume)') : '';
  return `${stopped} in ${duration(seconds)} on ${workers} worker${workers === 1 ? '' : 's'}, ${engines}`;
}

/** What an attack did that was expected to work: a pass of the spec is no praise of the model. */
function success(cell: CellReport, folder: string): string {
  const { id, outcomes } = cell;
  const broken = outcomes.filter(({ status }) => status === 'broken').length;
  const [sample] = worstSamples(cell, 1);
  const look = sample === undefined ? '' : `; look at one: ${plain(replayCommand(folder, id, sample), 500)}`;
  return `${plain(id, 120)} breaks ${broken} of ${outcomes.length} samples, as the spec expects${look}`;
}

const worstCase = (one: WorstCaseReport, paint: Paint): string[] => [
  `${verdictText(one.verdict, paint)} ${paint('bold', plain(worstCaseName(one), 120))}`,
  ...worstCaseReasons(one).map((reason) => `  ${plain(reason, 700)}`),
  '',
];

/** Where a run and its baseline differ; what is the same takes one line. */
function differences({ baseline, cells, verdict }: Difference, paint: Paint): string[] {
  const same = cells.filter(
    (cell) => cell.verdict === 'pass' && cell.newlyBroken.length + cell.newlyFixed.length === 0,
  );
  const lines = [
    `${verdictText(verdict, paint)} ${paint('bold', 'against the baseline')} ${plain(baseline, 500)}`,
  ];
  for (const cell of cells.filter((one) => !same.includes(one))) {
    lines.push(`  ${verdictText(cell.verdict, paint)} ${plain(cell.id)}: ${plain(cell.message, 500)}`);
    if (cell.newlyBroken.length > 0)
      lines.push(paint('dim', `    newly broken: samples ${listed(cell.newlyBroken)}`));
  }
  if (same.length > 0)
    lines.push(paint('dim', `  no difference in ${same.length} cell${same.length === 1 ? '' : 's'}`));
  return [...lines, ''];
}

const listed = (samples: readonly number[], most = 20) =>
  samples.slice(0, most).join(', ') + (samples.length > most ? `, … (${samples.length})` : '');

function complaint(cell: CellReport, folder: string, paint: Paint): string[] {
  const lines = [`${verdictText(standingOf(cell), paint)} ${paint('bold', plain(cell.id))}`];
  for (const reason of reasonsOf(cell)) lines.push(`  ${plain(reason, 700)}`);
  const worst = worstSamples(cell, 3);
  if (worst.length > 0)
    lines.push(
      paint(
        'dim',
        `  samples ${worst.join(', ')}; look at one: ${plain(replayCommand(folder, cell.id, worst[0]), 500)}`,
      ),
    );
  return [...lines, ''];
}
