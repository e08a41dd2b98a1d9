import type { Report } from '@gauntlet/api';
import { stops, worstCaseName, worstCaseReasons } from '../evidence.js';
import { plain } from '../text.js';
import { Badge } from './badge.js';
import { Cell, FailedCell } from './cell.js';
import type { Gallery } from './images.js';

/** Cells whose samples are in sight; more would bury what comes after them. */
const mostOpen = 3;

interface FailuresProps {
  report: Report;
  folder: string;
  galleries: ReadonlyMap<string, Gallery>;
}

/** All that stops the build, failures before what is inconclusive. */
export function Failures({ report, folder, galleries }: FailuresProps) {
  const failed = (one: { verdict: string }) => Number(one.verdict !== 'fail');
  const cells = report.cells.filter(stops).sort((a, b) => failed(a) - failed(b));
  return (
    <>
      {(report.worstCases ?? []).filter(stops).map((one) => (
        <p key={worstCaseName(one)}>
          <Badge of={one.verdict} /> <strong>{plain(worstCaseName(one), 120)}</strong>:{' '}
          {plain(worstCaseReasons(one).join(' '), 1000)}
        </p>
      ))}
      {cells.map((cell, i) => {
        const props = { report, cell, folder, gallery: galleries.get(cell.id) };
        return i < mostOpen ? <FailedCell key={cell.id} {...props} /> : <Cell key={cell.id} {...props} />;
      })}
    </>
  );
}
