import type { CellReport, Difference, Report } from '@gauntlet/api';
import { cellTables } from './cells-table.js';
import {
  earlyText,
  headlines,
  nearChance,
  reasonsOf,
  stagesOf,
  stops,
  warningsOf,
  worstCaseName,
  worstCaseReasons,
} from './evidence.js';
import type { Paint } from './paint.js';
import { replayCommand, worstSamples } from './replay.js';
import { duration, plain } from './text.js';
import { verdictText } from './verdict-text.js';

/** The last thing a person sees: a table of cells, then what did not pass and how to look at it. */
export function summary(report: Report, folder: string, paint: Paint, width: number): string {
  const lines = nearChance(report).map((line) => paint('yellow', `! ${line}`));
  lines.push(...cellTables(report, paint, width));
  for (const cell of report.cells.filter(stops)) lines.push(...complaint(cell, folder, paint));
  for (const cell of report.cells) {
    const stages = stagesOf(cell);
    for (const text of [earlyText(cell), stages])
      if (text) lines.push(paint('dim', `${plain(cell.id, 120)}: ${text}`));
  }
  for (const one of report.worstCases ?? [])
    lines.push(
      `${verdictText(one.verdict, paint)} ${paint('bold', plain(worstCaseName(one), 120))}`,
      ...worstCaseReasons(one).map((reason) => `  ${plain(reason, 700)}`),
      '',
    );
  for (const { text, ids } of warningsOf(report))
    lines.push(paint('yellow', `! ${ids.map((id) => plain(id, 60)).join(', ')}: ${plain(text, 500)}`));
  if (report.difference) lines.push(...differences(report.difference, paint));
  lines.push(...headlines(report).map((line) => paint('bold', line)));
  if (report.yardstick)
    lines.push(
      paint('dim', `MI: ${plain(report.yardstick)}; over broken samples. own MI: the attack's own estimate.`),
    );
  for (const { name, notes } of report.victims)
    for (const note of notes) lines.push(paint('dim', plain(`${name}: ${note}`)));
  if (!report.worstCases && report.cells.every(({ expectations }) => expectations.length === 0))
    lines.push(paint('yellow', 'The spec expects nothing: no result can fail it.'));
  const { seconds, workers, reusedCells } = report.execution;
  if (reusedCells.length > 0)
    lines.push(
      paint(
        'dim',
        `reused: ${reusedCells.length} of ${report.cells.length} cells are unchanged since an earlier run (--force does them again)`,
      ),
    );
  const engines = [...new Set(report.victims.map(({ engine }) => plain(engine)))].join(', ');
  lines.push(
    `${verdictText(report.verdict, paint)}${report.interrupted ? paint('yellow', ' (interrupted; go on with --resume)') : ''} in ${duration(seconds)} on ${workers} worker${workers === 1 ? '' : 's'}, ${engines}`,
  );
  return lines.join('\n');
}

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
  const lines = [`${verdictText(cell.verdict, paint)} ${paint('bold', plain(cell.id))}`];
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
