import { budgetText, type CellReport, type Report } from '@gauntlet/api';
import { earlyText, examplesText, findingText, lookedAt, reasonsOf, stagesOf, stops } from '../evidence.js';
import { replayCommand } from '../replay.js';
import { standingOf } from '../standing.js';
import { percent, plain, threatText } from '../text.js';
import { Badge } from './badge.js';
import { CellPlots } from './cell-plots.js';
import { GalleryView } from './gallery.js';
import type { Exhibit, Gallery } from './images.js';
import { anchor } from './matrix.js';

export interface CellProps {
  report: Report;
  cell: CellReport;
  folder: string;
  gallery: Gallery | undefined;
}

/** One victim under one attack, folded: a link to it unfolds it. */
export function Cell(props: CellProps) {
  const { report, cell, folder, gallery } = props;
  return (
    <details class="cell">
      <summary>
        <CellHead cell={cell} />
      </summary>
      <div id={anchor(report, cell)} class="target">
        {stops(cell) && <Reasons cell={cell} />}
        <Facts cell={cell} />
        <Exhibits {...props} exhibits={gallery?.exhibits ?? []} />
        <CellPlots id={anchor(report, cell)} cell={cell} />
        <Samples cell={cell} folder={folder} />
      </div>
    </details>
  );
}

/** Samples of a cell that does not pass that are in sight at once. */
const inSight = 3;

/** One that does not pass: why, and its worst samples, in sight; the rest folded. */
export function FailedCell(props: CellProps) {
  const { report, cell, folder, gallery } = props;
  const id = anchor(report, cell);
  const exhibits = gallery?.exhibits ?? [];
  return (
    <section id={id} class="cell" aria-labelledby={`${id}-h`}>
      <CellHead cell={cell} id={`${id}-h`} />
      <Reasons cell={cell} />
      <Exhibits {...props} exhibits={exhibits.slice(0, inSight)} />
      <details>
        <summary>More samples, plots and parameters</summary>
        <Facts cell={cell} />
        <Exhibits {...props} exhibits={exhibits.slice(inSight)} />
        <CellPlots id={id} cell={cell} />
        <Samples cell={cell} folder={folder} />
      </details>
    </section>
  );
}

function CellHead({ cell, id }: { cell: CellReport; id?: string }) {
  const { asr } = cell.metrics;
  return (
    <>
      <h3 id={id}>
        {plain(cell.victim, 60)} × {plain(cell.attack, 60)}
      </h3>{' '}
      <span class="dim">
        {asr?.value === undefined ? 'no ASR' : `ASR ${percent(asr.value)} of ${asr.n}`},{' '}
        {threatText(cell.threat)}
      </span>{' '}
      <Badge of={standingOf(cell)} />
    </>
  );
}

function Reasons({ cell }: { cell: CellReport }) {
  return (
    <ul class="reasons">
      {reasonsOf(cell).map((reason) => (
        <li key={reason}>{plain(reason, 700)}</li>
      ))}
    </ul>
  );
}

function Exhibits({ report, cell, folder, exhibits }: CellProps & { exhibits: readonly Exhibit[] }) {
  if (exhibits.length === 0) return null;
  const { inputShape } = report.victims.find(({ name }) => name === cell.victim)!;
  const { classNames } = report.dataset;
  return (
    <GalleryView exhibits={exhibits} cell={cell} folder={folder} classNames={classNames} shape={inputShape} />
  );
}

/** What is expected and found, and what was asked of the attack. */
function Facts({ cell }: { cell: CellReport }) {
  const outcomes = lookedAt(cell);
  const counts = ['broken', 'held', 'skipped', 'unassessed'].map(
    (status) => `${outcomes.filter((one) => one.status === status).length} ${status}`,
  );
  const stages = stagesOf(cell);
  const warnings = cell.findings.filter(({ severity }) => severity === 'warning');
  return (
    <>
      <ul>
        {cell.expectations.map((expectation) => (
          <li key={expectation.metric}>
            <Badge of={standingOf({ verdict: expectation.verdict, expectations: [expectation] })} />{' '}
            {plain(expectation.message, 500)}
          </li>
        ))}
        {warnings.map((finding) => (
          <li key={finding.code}>Warning: {plain(findingText(finding), 700)}</li>
        ))}
      </ul>
      <p class="dim">
        {counts.join(', ')}
        {cell.early ? `, ${earlyText(cell)}` : ''}
        {stages ? ` (${stages})` : ''}
        {cell.examples?.tried ? `; ${examplesText(cell)}` : ''}
        {cell.budget ? `; within ${budgetText(cell.budget)} a sample` : ''}
        {cell.criterion ? `; criterion ${plain(cell.criterion)}` : ''}
        {cell.estimator ? `; own MI: ${plain(cell.estimator)}` : ''}
      </p>
    </>
  );
}

/** Parameters, all samples by what became of them, and the command that attacks one again. */
function Samples({ cell, folder }: { cell: CellReport; folder: string }) {
  const outcomes = lookedAt(cell);
  const by = (status: string) => outcomes.filter((one) => one.status === status);
  const [broken, unassessed] = [by('broken'), by('unassessed')];
  return (
    <details>
      <summary>Parameters and samples</summary>
      <dl class="facts">
        {Object.entries(cell.params).map(([name, value]) => (
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
      {(['broken', 'withstood'] as const).map((became) => {
        const by = outcomes.filter(({ example }) => example === became);
        return by.length > 0 ? (
          <p key={became}>
            {became === 'broken' ? 'broken by an example' : 'withstood an example and was attacked'}:{' '}
            {by.map(({ index }) => index).join(', ')}
          </p>
        ) : null;
      })}
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
  );
}
