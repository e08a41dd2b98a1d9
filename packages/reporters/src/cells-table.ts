import { stripVTControlCharacters } from 'node:util';
import type { CellReport, Metric, ModelKind, Report } from '@gauntlet/api';
import { byKind, kindColumns, none, showMetric } from './by-kind.js';
import type { Paint } from './paint.js';
import { number, percent, plain } from './text.js';
import { standingOf } from './standing.js';
import { verdictText } from './verdict-text.js';
import { textTable } from './text-table.js';

interface Column {
  name: string;
  /** The larger, the sooner it goes where a terminal has no room for all; 0 stays. */
  spare: number;
  text: (cell: CellReport) => string;
}

/**
 * Tables of cells within so many characters a line, one for each kind of victim; without columns that
 * no cell has a number for.
 */
export function cellTables(report: Report, paint: Paint, width: number): string[] {
  return byKind(report).flatMap(({ kind, cells }) => [
    fitting(
      columnsOf(kind, paint).filter(
        ({ spare, text }) => spare === 0 || cells.some((cell) => text(cell) !== none),
      ),
      cells,
      paint,
      width,
    ),
    '',
  ]);
}

/** Without the columns that there is no room for; as it is, where that does not help. */
function fitting(
  columns: readonly Column[],
  cells: readonly CellReport[],
  paint: Paint,
  width: number,
): string {
  const table = textTable(
    columns.map(({ name }) => name),
    paint,
  );
  for (const cell of cells) table.push(columns.map(({ text }) => text(cell)));
  const drawn = table.toString();
  const [line] = drawn.split('\n');
  const most = Math.max(...columns.map(({ spare }) => spare));
  if (stripVTControlCharacters(line).length <= width || most === 0) return drawn;
  return fitting(
    columns.filter(({ spare }) => spare < most),
    cells,
    paint,
    width,
  );
}

/** They differ in what is worth a column. */
function columnsOf(kind: ModelKind, paint: Paint): Column[] {
  const own = kindColumns[kind]
    .filter(({ wide }) => !wide)
    .map(({ metric, show, ...column }): Column => ({
      ...column,
      text: ({ metrics }) => showMetric(metrics[metric], show),
    }));
  return [
    { name: 'victim', spare: 2, text: ({ victim }) => plain(victim, 40) },
    { name: 'attack', spare: 0, text: ({ attack }) => plain(attack, 40) },
    ...own,
    { name: 'ASR [95 %]', spare: 0, text: ({ metrics }) => rate(metrics.asr) },
    { name: 'n', spare: 4, text: ({ metrics }) => String(metrics.asr?.n ?? 0) },
    { name: 'Hamming', spare: 4.5, text: ({ metrics }) => hamming(metrics) },
    { name: 'MI (rel.)', spare: 5, text: ({ metrics }) => information(metrics) },
    { name: 'own MI', spare: 9, text: ({ metrics }) => showMetric(metrics['mi.own'], number) },
    { name: 'SSIM', spare: 10, text: ({ metrics }) => showMetric(metrics.ssim, number) },
    { name: 'L2', spare: 6, text: ({ metrics }) => showMetric(metrics.l2, number) },
    { name: 'L∞', spare: 7, text: ({ metrics }) => showMetric(metrics.linf, number) },
    { name: 's', spare: 8, text: ({ outcomes }) => secondsOf(outcomes).toFixed(1) },
    { name: 'verdict', spare: 0, text: (cell) => verdictText(standingOf(cell), paint) },
  ];
}

function rate(asr: Metric | undefined): string {
  const interval = asr?.interval && ` [${asr.interval.map((value) => (100 * value).toFixed(0)).join(', ')}]`;
  return showMetric(asr, percent) + (interval ?? '');
}

/** Of multi-label victims, before and under attack. */
const hamming = ({ cleanHammingLoss: before, hammingLoss: now }: CellReport['metrics']): string =>
  now?.value === undefined ? none : `${showMetric(before, percent)} → ${percent(now.value)}`;

function information({ mi, 'mi.relative': relative }: CellReport['metrics']): string {
  return showMetric(mi, number) + (relative?.value === undefined ? '' : ` (${percent(relative.value)})`);
}

const secondsOf = (outcomes: CellReport['outcomes']) =>
  outcomes.reduce((sum, { seconds = 0 }) => sum + seconds, 0);
