import { budgetText, type CellReport, type Report, type Trace } from '@gauntlet/api';
import { earlyText, findingText, lookedAt, stagesOf } from '../evidence.js';
import { replayCommand } from '../replay.js';
import { plain, threatText } from '../text.js';
import { GalleryView } from './gallery.js';
import { robustnessSeries } from './curves.js';
import type { Gallery } from './images.js';
import { anchor, VerdictBadge } from './overview.js';
import { Histogram } from './plots/histogram.js';
import { Lines } from './plots/lines.js';

interface CellProps {
  report: Report;
  cell: CellReport;
  folder: string;
  gallery: Gallery | undefined;
}

/** Everything about one victim under one attack. */
export function Cell({ report, cell, folder, gallery }: CellProps) {
  const id = anchor(report, cell);
  const { traces = [], threat, expectations, findings } = cell;
  const outcomes = lookedAt(cell);
  const by = (status: string) => outcomes.filter((one) => one.status === status);
  const [broken, unassessed] = [by('broken'), by('unassessed')];
  const counts = ['broken', 'held', 'skipped', 'unassessed'].map(
    (status) => `${by(status).length} ${status}`,
  );
  const classNames = report.dataset.classNames;
  const { inputShape } = report.victims.find(({ name }) => name === cell.victim)!;
  const params = Object.entries(cell.params);
  const stages = stagesOf(cell);
  const robustness = robustnessSeries(cell);
  return (
    <section id={id} class="cell" aria-labelledby={`${id}-h`}>
      <h3 id={`${id}-h`}>
        {plain(cell.victim, 60)} × {plain(cell.attack, 60)} <VerdictBadge verdict={cell.verdict} />
      </h3>
      {findings.length > 0 && (
        <ul>
          {findings.map((finding) => (
            <li key={finding.code}>
              {finding.severity === 'warning' ? 'Warning: ' : ''}
              {plain(findingText(finding), 700)}
            </li>
          ))}
        </ul>
      )}
      {expectations.length > 0 && (
        <ul>
          {expectations.map(({ metric, verdict, message }) => (
            <li key={metric}>
              <VerdictBadge verdict={verdict} /> {plain(message, 500)}
            </li>
          ))}
        </ul>
      )}
      <p class="dim">
        {counts.join(', ')}
        {cell.early ? `, ${earlyText(cell)}` : ''}
        {stages ? ` (${stages})` : ''}; {threatText(threat)}
        {cell.budget ? `; within ${budgetText(cell.budget)} a sample` : ''}
        {cell.criterion ? `; criterion ${plain(cell.criterion)}` : ''}
        {cell.estimator ? `; own MI: ${plain(cell.estimator)}` : ''}
      </p>
      {gallery && (
        <GalleryView
          gallery={gallery}
          cell={cell}
          folder={folder}
          classNames={classNames}
          shape={inputShape}
        />
      )}
      <div class="plots">
        <Histogram
          id={`${id}-l2`}
          title="Distance of broken samples, L2"
          values={numbers(broken.map(({ l2 }) => l2))}
          xLabel="L2"
        />
        <Histogram
          id={`${id}-linf`}
          title="Distance of broken samples, L∞"
          values={spread(numbers(broken.map(({ linf }) => linf)))}
          xLabel="L∞"
        />
        {robustness.length > 0 && (
          <Lines
            id={`${id}-robustness`}
            title="Robust accuracy by epsilon, in the norm of the attack, with 95 % intervals"
            series={robustness}
            xLabel="epsilon"
            yLabel="robust accuracy"
            range={[0, 1]}
            steps
          />
        )}
        <Histogram
          id={`${id}-mi`}
          title="Mutual information of broken samples"
          values={numbers(broken.map(({ mi }) => mi))}
          xLabel="MI in nats"
        />
        <Traces id={id} traces={traces} />
      </div>
      <details>
        <summary>Parameters and samples</summary>
        <dl class="facts">
          {params.map(([name, value]) => (
            <div key={name}>
              <dt>{plain(name, 60)}</dt>
              <dd>{plain(JSON.stringify(value), 200)}</dd>
            </div>
          ))}
        </dl>
        {broken.some(({ stage }) => stage) && (
          <p>
            stages: {broken.map(({ index, stage }) => `${index} ${plain(stage ?? 'unknown', 40)}`).join(', ')}
          </p>
        )}
        {(['broken', 'held', 'skipped'] as const).map((status) =>
          by(status).length > 0 ? (
            <p key={status}>
              {status}:{' '}
              {by(status)
                .map(({ index }) => index)
                .join(', ')}
            </p>
          ) : null,
        )}
        {unassessed.slice(0, 20).map(({ index, reason }) => (
          <p key={index}>
            unassessed {index}: {plain(reason ?? '', 300)}
          </p>
        ))}
        {unassessed.length > 20 && <p>… and {unassessed.length - 20} more that are unassessed</p>}
        {outcomes[0] && (
          <p>
            Look at one:{' '}
            <code>{plain(replayCommand(folder, cell.id, (broken[0] ?? outcomes[0]).index), 500)}</code>
          </p>
        )}
      </details>
    </section>
  );
}

const numbers = (values: readonly (number | undefined)[]) => values.filter((value) => value !== undefined);

/** Attacks with a bound often end on it, all of them: then there is no distribution to show. */
function spread(values: number[]): number[] {
  const [low, high] = values.reduce(
    ([a, b], value) => [Math.min(a, value), Math.max(b, value)],
    [Infinity, -Infinity],
  );
  return high - low > 1e-3 * high ? values : [];
}

/** Criterion and mutual information along the way of the traced samples. */
function Traces({ id, traces }: { id: string; traces: readonly Trace[] }) {
  const some = traces.filter(({ criterion }) => criterion.length > 1);
  if (some.length === 0) return null;
  const spent = some.some(({ gradients }) => gradients.at(-1)! > 0) ? 'gradients' : 'forwards';
  const xLabel = spent === 'gradients' ? 'gradient evaluations' : 'forward passes';
  const series = (values: (trace: Trace) => readonly (number | null)[] | undefined) =>
    some.map((trace) => ({
      name: `sample ${trace.index}`,
      points: (values(trace) ?? []).flatMap((y, i) => (y === null ? [] : [{ x: trace[spent][i], y }])),
    }));
  const information = series(({ mi }) => mi).filter(({ points }) => points.length > 1);
  return (
    <>
      <Lines
        id={`${id}-f`}
        title="The criterion on the way"
        series={series(({ criterion }) => criterion)}
        xLabel={xLabel}
        yLabel="criterion"
        log={false}
        level={{ y: 0, name: 'met at or below 0' }}
      />
      {information.length > 0 && (
        <Lines
          id={`${id}-i`}
          title="Mutual information on the way"
          series={information}
          xLabel={xLabel}
          yLabel="MI in nats"
          log={false}
        />
      )}
    </>
  );
}
