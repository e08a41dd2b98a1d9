import type { Difference, Report } from '@gauntlet/api';
import { plain } from '../text.js';
import { Badge } from './badge.js';
import { anchor } from './matrix.js';

/** What changed since the baseline. */
export function Baseline({
  difference: { baseline, cells },
  report,
}: {
  difference: Difference;
  report: Report;
}) {
  return (
    <>
      <p class="dim">{plain(baseline, 500)}</p>
      <ul>
        {cells.map(({ id, verdict, message, newlyBroken }) => {
          const cell = report.cells.find((one) => one.id === id);
          return (
            <li key={id}>
              <Badge of={verdict} /> {cell ? <a href={`#${anchor(report, cell)}`}>{plain(id)}</a> : plain(id)}
              : {plain(message, 500)}
              {newlyBroken.length > 0 ? ` Newly broken samples: ${newlyBroken.join(', ')}.` : ''}
            </li>
          );
        })}
      </ul>
    </>
  );
}
