import { createHash } from 'node:crypto';
import type { Report } from '@gauntlet/api';
import { headToHead } from '@gauntlet/core';
import { stops, uninformed } from '../evidence.js';
import { evidenceOnly, taxaOf, taxonomies } from '../export/taxonomies.js';
import { duration, plain, xmlText } from '../text.js';
import { Badge } from './badge.js';
import { Baseline } from './baseline.js';
import { Cell } from './cell.js';
import { Comparisons } from './comparison.js';
import { sweepsOf } from './curves.js';
import { Failures } from './failures.js';
import type { Gallery } from './images.js';
import { Matrix } from './matrix.js';
import { script } from './script.js';
import { style } from './style.js';
import { Sweeps } from './sweeps.js';
import { Victims } from './victims.js';
import { type ComponentChildren, Fragment } from 'preact';
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
  const sections = sectionsOf({ report, folder, galleries });
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
            {name} <Badge of={report.verdict} />
          </h1>
          <p class="dim">
            {report.cells.length} {report.cells.length === 1 ? 'cell' : 'cells'} × {report.dataset.n} samples
            of {plain(report.dataset.name)}, seed {report.seed}; {startedAt.slice(0, 16).replace('T', ' ')}{' '}
            UTC, {duration(seconds)} on {workers} {workers === 1 ? 'worker' : 'workers'}, Gauntlet{' '}
            {plain(report.gauntlet, 20)}
            {reusedCells.length > 0 ? `; ${reusedCells.length} cells unchanged since an earlier run` : ''}
            {report.interrupted ? '; stopped before its end' : ''}
          </p>
          {uninformed(report).map(({ label, text }) => (
            <p key={text}>
              <span class="verdict inconclusive">! {label}</span> {text}
            </p>
          ))}
        </header>
        <Contents sections={sections} />
        <main>
          {sections.map(({ id, title, content }) => (
            <Fragment key={id}>
              <h2 id={id}>{title}</h2>
              {content}
            </Fragment>
          ))}
        </main>
        <Evidence report={report} />
        <script dangerouslySetInnerHTML={{ __html: script }} />
      </body>
    </html>
  );
}

/** Under which headings of public lists such a test is filed. */
function Evidence({ report }: { report: Report }) {
  const victims = new Map(report.victims.map((victim) => [victim.name, victim]));
  const ids = new Set<string>(report.cells.flatMap((cell) => taxaOf(cell, victims.get(cell.victim)!)));
  return (
    <footer>
      <details>
        <summary>Which kind of evidence this is</summary>
        <p class="dim">{evidenceOnly}</p>
        <ul>
          {taxonomies.map(({ name, version, taxa }) => (
            <li key={name}>
              {name} ({version}):{' '}
              {taxa
                .filter(({ id }) => ids.has(id))
                .map((taxon) => `${taxon.id} ${taxon.name}`)
                .join('; ') || 'none'}
            </li>
          ))}
        </ul>
      </details>
    </footer>
  );
}

interface Section {
  id: string;
  title: ComponentChildren;
  content: ComponentChildren;
}

/** What did not pass first, then every victim's number, then the tables, then the cells that have nothing against them. */
function sectionsOf({ report, folder, galleries }: PageProps): Section[] {
  const open = [...report.cells, ...(report.worstCases ?? [])].filter(stops);
  const others = report.cells.filter((cell) => !stops(cell));
  const sweeps = sweepsOf(report);
  const comparison = headToHead(report);
  const { difference } = report;
  const baseline = difference && (
    <>
      Against the baseline <Badge of={difference.verdict} />
    </>
  );
  const sections: (Section | false | undefined)[] = [
    open.length > 0 && {
      id: 'failures',
      title: `What did not pass (${open.length})`,
      content: <Failures report={report} folder={folder} galleries={galleries} />,
    },
    { id: 'victims', title: 'Victims', content: <Victims report={report} /> },
    sweeps.length > 0 && { id: 'curves', title: 'Curves', content: <Sweeps sweeps={sweeps} /> },
    difference && {
      id: 'baseline',
      title: baseline,
      content: <Baseline difference={difference} report={report} />,
    },
    { id: 'attacks', title: 'Attacks', content: <Matrix report={report} /> },
    comparison.victims.length > 0 && {
      id: 'head-to-head',
      title: 'Head to head',
      content: <Comparisons comparison={comparison} />,
    },
    others.length > 0 && {
      id: 'cells',
      title: `${open.length > 0 ? 'Other cells' : 'Cells'} (${others.length})`,
      content: others.map((cell) => (
        <Cell key={cell.id} report={report} cell={cell} folder={folder} gallery={galleries.get(cell.id)} />
      )),
    },
  ];
  return sections.filter((section) => !!section);
}

function Contents({ sections }: { sections: readonly Section[] }) {
  return (
    <nav aria-label="Contents">
      <ul>
        {sections.map(({ id, title }) => (
          <li key={id}>
            <a href={`#${id}`}>{title}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
