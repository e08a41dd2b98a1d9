import { createHash } from 'node:crypto';
import type { Difference, Report } from '@gauntlet/api';
import { headToHead } from '@gauntlet/core';
import { nearChance } from '../evidence.js';
import { duration, plain, xmlText } from '../text.js';
import { Cell } from './cell.js';
import { Comparisons } from './comparison.js';
import { seriesOf, successSeries, sweepsOf } from './curves.js';
import type { Gallery } from './images.js';
import { anchor, Matrix, VerdictBadge, Victims } from './overview.js';
import { Lines } from './plots/lines.js';
import { script } from './script.js';
import { style } from './style.js';
import { render } from 'preact-render-to-string';

/** The report as one HTML document that needs nothing else and may load nothing else. `folder` is the run folder. */
export function html(
  report: Report,
  folder: string,
  galleries: ReadonlyMap<string, Gallery> = new Map(),
): string {
  return `<!doctype html>\n${harmless(render(<Page report={report} folder={folder} galleries={galleries} />))}\n`;
}

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const policy = [
  "default-src 'none'",
  'img-src data:',
  `style-src ${hash(style)}`,
  `script-src ${hash(script)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** What no document may contain, and what turns the direction of the text around it; line breaks are its own. */
const harmless = (text: string): string => xmlText(text).replaceAll('\r', '�');

interface PageProps {
  report: Report;
  folder: string;
  galleries: ReadonlyMap<string, Gallery>;
}

function Page({ report, folder, galleries }: PageProps) {
  const name = plain(report.spec);
  const { seconds, workers, startedAt, reusedCells } = report.execution;
  const comparison = headToHead(report);
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>{`${name}: ${report.verdict}`}</title>
        <style dangerouslySetInnerHTML={{ __html: style }} />
      </head>
      <body>
        <a class="skip" href="#attacks">
          Skip to the table of attacks
        </a>
        <header>
          <h1>
            {name} <VerdictBadge verdict={report.verdict} />
          </h1>
          <p class="dim">
            {report.cells.length} {report.cells.length === 1 ? 'cell' : 'cells'} × {report.dataset.n} samples
            of {plain(report.dataset.name)}, seed {report.seed}; {startedAt.slice(0, 16).replace('T', ' ')}{' '}
            UTC, {duration(seconds)} on {workers} {workers === 1 ? 'worker' : 'workers'}, Gauntlet{' '}
            {plain(report.gauntlet, 20)}
            {reusedCells.length > 0 ? `; ${reusedCells.length} cells unchanged since an earlier run` : ''}
            {report.interrupted ? '; stopped before its end' : ''}
          </p>
          {nearChance(report).map((line) => (
            <p key={line}>
              <span class="verdict inconclusive">! near chance</span> {line}
            </p>
          ))}
        </header>
        <main>
          <h2>Victims</h2>
          <Victims report={report} />
          {report.difference && <Baseline difference={report.difference} report={report} />}
          <h2 id="attacks">Attacks</h2>
          <Matrix report={report} />
          <Curves report={report} />
          {comparison.victims.length > 0 && (
            <>
              <h2>Head to head</h2>
              <Comparisons comparison={comparison} />
            </>
          )}
          <h2>Cells</h2>
          {report.cells.map((cell) => (
            <Cell
              key={cell.id}
              report={report}
              cell={cell}
              folder={folder}
              gallery={galleries.get(cell.id)}
            />
          ))}
        </main>
        <script dangerouslySetInnerHTML={{ __html: script }} />
      </body>
    </html>
  );
}

/** What changed since the baseline. */
function Baseline({
  difference: { baseline, verdict, cells },
  report,
}: {
  difference: Difference;
  report: Report;
}) {
  return (
    <>
      <h2>
        Against the baseline <VerdictBadge verdict={verdict} />
      </h2>
      <p class="dim">{plain(baseline, 500)}</p>
      <ul>
        {cells.map(({ id, verdict, message, newlyBroken }) => {
          const cell = report.cells.find((one) => one.id === id);
          return (
            <li key={id}>
              <VerdictBadge verdict={verdict} />{' '}
              {cell ? <a href={`#${anchor(report, cell)}`}>{plain(id)}</a> : plain(id)}: {plain(message, 500)}
              {newlyBroken.length > 0 ? ` Newly broken samples: ${newlyBroken.join(', ')}.` : ''}
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** ASR and mutual information along what the spec sweeps over, all attacks on one plot. */
function Curves({ report }: { report: Report }) {
  const sweeps = sweepsOf(report);
  if (sweeps.length === 0) return null;
  return (
    <>
      <h2>Curves</h2>
      {sweeps.map((sweep, i) => {
        const param = plain(sweep.param, 40);
        return (
          <section key={`${sweep.victim} ${param}`} aria-labelledby={`sweep-${i}`}>
            <h3 id={`sweep-${i}`}>
              {plain(sweep.victim, 60)}, over {param}
            </h3>
            <div class="plots">
              <Lines
                id={`sweep-${i}-asr`}
                title={`ASR over ${param}, with 95 % intervals`}
                series={seriesOf(sweep, 'asr')}
                xLabel={param}
                yLabel="ASR"
                range={[0, 1]}
              />
              <Lines
                id={`sweep-${i}-mi`}
                title={`Mutual information of broken samples over ${param}, with 95 % intervals`}
                series={seriesOf(sweep, 'mi')}
                xLabel={param}
                yLabel="MI in nats"
              />
              <Lines
                id={`sweep-${i}-cost`}
                title="ASR by gradient evaluations, each attack at its largest value"
                series={successSeries(sweep)}
                xLabel="gradient evaluations"
                yLabel="ASR"
                range={[0, 1]}
                steps
              />
            </div>
          </section>
        );
      })}
    </>
  );
}
