import { type CellReport, type Metric, type Report, type Verdict, worst } from '@gauntlet/api';
import { headlines, reasonsOf, stops, worstCaseReasons } from '../evidence.js';
import { byKind, type Kind } from '../by-kind.js';
import { number, percent, plain, signedPercent, threatText } from '../text.js';
import { Head } from './table.js';

export const anchor = (report: Report, cell: CellReport) => `cell-${report.cells.indexOf(cell) + 1}`;

const words: Record<Verdict, string> = {
  pass: '✓ pass',
  fail: '✗ fail',
  inconclusive: '? inconclusive',
  measured: '· measured',
};

export function VerdictBadge({ verdict }: { verdict: Verdict }) {
  return <span class={`verdict ${verdict}`}>{words[verdict]}</span>;
}

/** One card for each victim: its verdict, and what speaks against it. */
export function Victims({ report }: { report: Report }) {
  return (
    <ul class="cards">
      {report.victims.map(({ name, kind, engine, gradients, notes, classes }) => {
        const cells = report.cells.filter(({ victim }) => victim === name);
        const open = cells.filter(stops);
        const passing = cells.filter((cell) => cell.verdict === 'pass').length;
        const measured = cells.filter((cell) => cell.verdict === 'measured').length;
        const worstCases = (report.worstCases ?? []).filter(({ victim }) => victim === name);
        const verdict = worst([...cells, ...worstCases].map((one) => one.verdict));
        return (
          <li key={name} class={`card ${verdict}`}>
            <h3>
              {plain(name)} <VerdictBadge verdict={verdict} />
            </h3>
            <p class="dim">
              {kind}
              {kind === 'classifier' ? ` of ${classes} classes` : ''}, {plain(engine)}
              {gradients === 'exact' ? '' : `, gradients ${plain(gradients)}`}; {passing} of {cells.length}{' '}
              {cells.length === 1 ? 'cell passes' : 'cells pass'}
              {measured > 0 ? `, ${measured} measured` : ''}
            </p>
            {headlines({ ...report, victims: report.victims.filter((one) => one.name === name) }).map(
              (line) => (
                <p key={line}>{line}</p>
              ),
            )}
            {open.length > 0 && (
              <ul>
                {open.map((cell) => (
                  <li key={cell.id}>
                    <VerdictBadge verdict={cell.verdict} />{' '}
                    <a href={`#${anchor(report, cell)}`}>{plain(cell.attack)}</a>: {reasons(cell).join(' ')}
                  </li>
                ))}
              </ul>
            )}
            {worstCases.map((one) => (
              <p key={threatText(one.threat)}>
                <VerdictBadge verdict={one.verdict} /> Worst case of {one.cells.length}{' '}
                {one.cells.length === 1 ? 'attack' : 'attacks'} ({threatText(one.threat)}):{' '}
                {plain(worstCaseReasons(one).join(' '), 1000)}
              </p>
            ))}
            {worstCases.length === 0 && cells.every(({ expectations }) => expectations.length === 0) && (
              <p>The spec expects nothing of it: no result can fail it.</p>
            )}
            {notes.map((note) => (
              <p key={note} class="dim">
                {plain(note, 500)}
              </p>
            ))}
          </li>
        );
      })}
    </ul>
  );
}

/** Why a cell does not pass. */
const reasons = (cell: CellReport): string[] => reasonsOf(cell).map((reason) => plain(reason, 700));

interface Column {
  name: string;
  /** What is shown, and what is sorted by. */
  of: (cell: CellReport) => { text: string; value?: number };
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
      text:
        asr?.value === undefined
          ? '–'
          : `${percent(asr.value)} [${asr.interval!.map((value) => (100 * value).toFixed(0)).join(', ')}]`,
      value: asr?.value,
    }),
  },
  { name: 'n', of: ({ metrics: { asr } }) => ({ text: String(asr?.n ?? 0), value: asr?.n ?? 0 }) },
];

const columns: Record<Kind, Column[]> = {
  classifier: [
    ...asr,
    { name: 'acc. under attack', of: metric((all) => all.robustAccuracy, percent) },
    { name: 'clean acc.', of: metric((all) => all.cleanAccuracy, percent) },
  ],
  autoencoder: [
    ...asr,
    { name: 'rec. error', of: metric((all) => all.reconstructionError, number) },
    { name: 'degradation', of: metric((all) => all.reconstructionDegradation, signedPercent) },
  ],
};

const common: Column[] = [
  { name: 'MI', of: metric((all) => all.mi, number) },
  { name: 'MI rel.', of: metric((all) => all['mi.relative'], percent) },
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
        <div key={kind} class="scroll" tabIndex={0} role="region" aria-label={`All attacks on each ${kind}`}>
          <table class="sortable">
            <caption>Attacks on each {kind}</caption>
            <Head
              names={[
                'victim',
                'attack',
                'verdict',
                ...[...columns[kind], ...common].map(({ name }) => name),
              ]}
              sortable
            />
            <tbody>
              {cells.map((cell) => (
                <tr key={cell.id}>
                  <td>{plain(cell.victim, 40)}</td>
                  <th scope="row">
                    <a href={`#${anchor(report, cell)}`}>{plain(cell.attack, 40)}</a>
                  </th>
                  <td>
                    <VerdictBadge verdict={cell.verdict} />
                  </td>
                  {[...columns[kind], ...common].map(({ name, of }) => {
                    const { text, value } = of(cell);
                    return (
                      <td key={name} class="number" data-value={value ?? ''}>
                        {text}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ))}
      <p class="dim">
        MI: {report.yardstick ? plain(report.yardstick) : 'not measured'}; MI and distances over broken
        samples.
      </p>
    </>
  );
}
