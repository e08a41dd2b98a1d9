import { type Report, worst } from '@gauntlet/api';
import {
  corruptionText,
  furtherThreats,
  type Headline,
  headlinesOf,
  mostHeadlines,
  worstCaseReasons,
} from '../evidence.js';
import { standingOf } from '../standing.js';
import { percent, plain, threatText } from '../text.js';
import { Badge } from './badge.js';

/** One card for each victim: its verdict, and the worst that was found under each threat model. */
export function Victims({ report }: { report: Report }) {
  return (
    <ul class="cards">
      {report.victims.map((victim) => {
        const { name, kind, engine, gradients, notes, classes, multiLabel } = victim;
        const cells = report.cells.filter((cell) => cell.victim === name);
        const worstCases = (report.worstCases ?? []).filter((one) => one.victim === name);
        const verdict = worst([...cells, ...worstCases].map((one) => one.verdict));
        const headlines = headlinesOf(report, victim);
        const more = furtherThreats(headlines);
        return (
          <li key={name} class={`card ${verdict}`}>
            <h3>
              {plain(name)} <Badge of={verdict} />
            </h3>
            {headlines.slice(0, mostHeadlines).map((headline) => (
              <Worst key={headline.threat} of={headline} />
            ))}
            {cells.map((cell) => {
              const average = corruptionText(cell);
              return (
                average && (
                  <p key={cell.id}>
                    {plain(cell.attack)}: {average}
                  </p>
                )
              );
            })}
            {more && <p class="dim">{more}</p>}
            <p class="dim">
              {kind}
              {kind === 'classifier' ? ` of ${classes} ${multiLabel ? 'labels' : 'classes'}` : ''},{' '}
              {plain(engine)}
              {gradients === 'exact' ? '' : `, gradients ${plain(gradients)}`}; {tally(cells)}
            </p>
            {worstCases.map((one) => (
              <p key={threatText(one.threat)}>
                <Badge of={one.verdict} /> Worst case of {one.cells.length}{' '}
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

/** What was found under one threat model; where nothing says anything, no number is large on the page. */
function Worst({ of }: { of: Headline }) {
  const { threat, measure, value, found, by, n } = of;
  if (found === 'inconclusive')
    return (
      <p>
        Nothing is known under {threat}
        <br />
        <span class="dim">{by} inconclusive</span>
      </p>
    );
  return (
    <p>
      <strong class="headline">{percent(value)}</strong> {measure} under {threat}
      <br />
      <span class="dim">
        {found === 'broken' ? 'at worst, by' : 'no failure found by'} {by}; n = {n}
      </span>
    </p>
  );
}

/** How many cells there are of each standing. */
function tally(cells: Report['cells']): string {
  const words = {
    fail: 'failed',
    weak: 'with too weak an attack',
    inconclusive: 'inconclusive',
    pass: 'passed',
    worked: 'in which the attack worked as expected',
    measured: 'measured',
  };
  const counts = Object.entries(words).map(([standing, text]) => {
    const n = cells.filter((cell) => standingOf(cell) === standing).length;
    return n > 0 && `${n} ${text}`;
  });
  return `${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}: ${counts.filter(Boolean).join(', ')}`;
}
