import type { CellReport, Metric } from '@gauntlet/api';
import { percent, plain } from '../text.js';
import { Lines, type Point } from './plots/lines.js';
import { Head } from './table.js';

const levels = [1, 2, 3, 4, 5] as const;

const point = (x: number, metric: Metric | undefined): Point[] =>
  metric?.value === undefined ? [] : [{ x, y: metric.value, interval: metric.interval }];

/** Share of the samples that are classified correctly, by kind of corruption and severity. */
function accuracies({ outcomes }: CellReport): Map<string, Map<number, number>> {
  const counts = new Map<string, Map<number, { right: number; n: number }>>();
  for (const { corrupted, label } of outcomes)
    for (const [kind, byLevel] of Object.entries(corrupted ?? {})) {
      const of = counts.get(kind) ?? new Map<number, { right: number; n: number }>();
      counts.set(kind, of);
      for (const [level, prediction] of Object.entries(byLevel)) {
        const { right, n } = of.get(Number(level)) ?? { right: 0, n: 0 };
        of.set(Number(level), { right: right + (prediction === label ? 1 : 0), n: n + 1 });
      }
    }
  const shares = (of: Map<number, { right: number; n: number }>) =>
    new Map([...of].map(([level, { right, n }]) => [level, right / n]));
  return new Map([...counts].map(([kind, of]) => [kind, shares(of)]));
}

/** Of a cell whose samples were tried with all corruptions of a family: accuracy by severity, and the numbers by kind. */
export function CorruptionPlot({ id, cell }: { id: string; cell: CellReport }) {
  const { metrics } = cell;
  const mean = levels.flatMap((level) => point(level, metrics[`corruptionAccuracy.severity${level}`]));
  const clean = metrics.cleanAccuracy?.value;
  return (
    <>
      <Lines
        id={`${id}-corruptions`}
        title="Accuracy by severity, the mean over kinds of corruption, with 95 % intervals"
        hint="All samples count, also those that are misclassified without a corruption. The level is the accuracy on clean images."
        series={[{ name: cell.attack, points: mean }]}
        xLabel="severity"
        yLabel="accuracy"
        range={[0, 1]}
        {...(clean !== undefined && { level: { y: clean, name: 'clean accuracy' } })}
      />
      <CorruptionTable cell={cell} />
    </>
  );
}

function CorruptionTable({ cell }: { cell: CellReport }) {
  const table = accuracies(cell);
  const shown = levels.filter((level) => [...table.values()].some((of) => of.has(level)));
  return (
    <figure>
      <figcaption>
        Accuracy in percent, by kind of corruption and severity
        {cell.metrics.mCE?.value !== undefined && `; mCE ${percent(cell.metrics.mCE.value)}`}
      </figcaption>
      <div class="scroll">
        <table>
          <Head names={['corruption', ...shown.map(String)]} />
          <tbody>
            {[...table].map(([kind, of]) => (
              <tr key={kind}>
                <th scope="row">{plain(kind, 40)}</th>
                {shown.map((level) => (
                  <td key={level} class="number">
                    {of.has(level) ? (100 * of.get(level)!).toFixed(1) : '–'}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
