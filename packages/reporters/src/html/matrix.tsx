import type { CellReport, Metric, ModelKind, Report } from '@gauntlet/api';
import { similarityText } from '../evidence.js';
import { byKind, kindColumns } from '../by-kind.js';
import { attackMarks, judgesAttacks, standingOf } from '../standing.js';
import { number, percent, plain } from '../text.js';
import { Badge } from './badge.js';
import { Head } from './table.js';

export const anchor = (report: Report, cell: CellReport) => `cell-${report.cells.indexOf(cell) + 1}`;

interface Column {
  name: string;
  /** What is shown, and what is sorted by. */
  of: (cell: CellReport) => { text: string; interval?: string; value?: number };
}

const metric =
  (pick: (metrics: CellReport['metrics']) => Metric | undefined, format: (value: number) => string) =>
  ({ metrics }: CellReport) => {
    const value = pick(metrics)?.value;
    return { text: value === undefined ? '–' : format(value), value };
  };

const asr: Column[] = [
  {
    name: 'ASR [95 %]',
    of: ({ metrics: { asr } }) => ({
      text: asr?.value === undefined ? '–' : percent(asr.value),
      interval: asr?.interval && `[${asr.interval.map((value) => (100 * value).toFixed(0)).join(', ')}]`,
      value: asr?.value,
    }),
  },
  { name: 'n', of: ({ metrics: { asr } }) => ({ text: String(asr?.n ?? 0), value: asr?.n ?? 0 }) },
];

/** Of victims of a kind. */
const own = (kind: ModelKind): Column[] =>
  kindColumns[kind].map(({ name, metric: of, show }) => ({ name, of: metric((all) => all[of], show) }));

const common: Column[] = [
  { name: 'MI', of: metric((all) => all.mi, number) },
  { name: 'MI rel.', of: metric((all) => all['mi.relative'], percent) },
  { name: 'SSIM', of: metric((all) => all.ssim, number) },
  { name: 'L2', of: metric((all) => all.l2, number) },
  { name: 'L∞', of: metric((all) => all.linf, number) },
  { name: 'gradients', of: metric((all) => all.gradients, number) },
  {
    name: 's',
    of: ({ outcomes }) => {
      const value = outcomes.reduce((sum, { seconds = 0 }) => sum + seconds, 0);
      return { text: value.toFixed(1), value };
    },
  },
];

/** The matrix victim × attack, a table for each kind of victim. */
export function Matrix({ report }: { report: Report }) {
  return (
    <>
      {byKind(report).map(({ kind, cells }) => (
        <Table key={kind} kind={kind} cells={cells} report={report} />
      ))}
      <p class="dim">
        {judgesAttacks(report) ? `${attackMarks} ` : ''}
        {similarityText(report, (text) => plain(text, 500))}
      </p>
    </>
  );
}

/** A victim has a column where there are several; on a telephone it stands above the attack instead. */
function Table({ kind, cells, report }: { kind: ModelKind; cells: CellReport[]; report: Report }) {
  const several = new Set(cells.map(({ victim }) => victim)).size > 1;
  const [rate, ...others] = [...asr, ...own(kind), ...common].filter(
    ({ of }, i) => i === 0 || cells.some((cell) => of(cell).value !== undefined),
  );
  const names = ['attack', rate.name, 'verdict', ...others.map(({ name }) => name)];
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`All attacks on each ${kind}`}>
      <table class="sortable">
        <caption>Attacks on {several ? `each ${kind}` : plain(cells[0].victim, 60)}</caption>
        <Head names={several ? ['victim', ...names] : names} sortable />
        <tbody>
          {cells.map((cell) => (
            <tr key={cell.id}>
              {several && <td class="victim">{plain(cell.victim, 40)}</td>}
              <th scope="row">
                {several && <span class="above dim">{plain(cell.victim, 40)}</span>}
                <a href={`#${anchor(report, cell)}`}>{plain(cell.attack, 40)}</a>
              </th>
              <Value cell={cell} column={rate} />
              <td>
                <Badge of={standingOf(cell)} />
              </td>
              {others.map((column) => (
                <Value key={column.name} cell={cell} column={column} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Value({ cell, column }: { cell: CellReport; column: Column }) {
  const { text, value, interval } = column.of(cell);
  return (
    <td class="number" data-value={value ?? ''}>
      {text}
      {interval && <span class="interval"> {interval}</span>}
    </td>
  );
}
