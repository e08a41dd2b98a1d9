import type { CellReport, ExpectationResult, Report, Verdict } from '@gauntlet/api';
import { findingText, reasonsOf, worstCaseName, worstCaseReasons } from '../evidence.js';
import { replayCommand, worstSamples } from '../replay.js';
import { plain } from '../text.js';

/** What a tool that knows only tests is told: one limit, one cell without limits, or one cell against the baseline. */
export interface TestPoint {
  /** Cell and what was asked of it: the same in every run of the spec. */
  name: string;
  /** What kind of test it is: `expectation/asr`, `finding/no-progress`, `worst-case/robustAccuracy`, `measurement`, `baseline`. */
  rule: string;
  victim: string;
  verdict: Verdict;
  message: string;
  /** The command that attacks its worst sample again. */
  replay?: string;
  cell?: CellReport;
}

/** All points of a report, texts harmless. `folder` is the run folder as it is shown. */
export function testPoints(report: Report, folder: string): TestPoint[] {
  const cells = report.cells.flatMap((cell) => pointsOf(cell, folder));
  const worstCases = (report.worstCases ?? []).flatMap((one) =>
    one.expectations.map((expectation): TestPoint => ({
      name: plain(`${worstCaseName(one)}: ${limitsOf(expectation)}`, 300),
      rule: `worst-case/${plain(expectation.metric, 60)}`,
      victim: plain(one.victim, 100),
      verdict: expectation.verdict,
      message: plain([expectation.message, ...worstCaseReasons(one)].join(' '), 1000),
    })),
  );
  const baseline = (report.difference?.cells ?? []).map(({ id, verdict, message }): TestPoint => ({
    name: plain(`${id}: against the baseline`, 300),
    rule: 'baseline',
    victim: plain(report.cells.find((cell) => cell.id === id)?.victim ?? '', 100),
    verdict,
    message: plain(message, 1000),
  }));
  return [...cells, ...worstCases, ...baseline];
}

function pointsOf(cell: CellReport, folder: string): TestPoint[] {
  const [sample] = worstSamples(cell, 1);
  const common = {
    victim: plain(cell.victim, 100),
    replay: sample === undefined ? undefined : plain(replayCommand(folder, cell.id, sample), 500),
    cell,
  };
  const against = cell.findings.filter(({ severity }) => severity === 'inconclusive');
  if (cell.expectations.length === 0)
    return [
      {
        ...common,
        name: plain(`${cell.id}: measured`, 300),
        rule: against.length > 0 ? `finding/${against[0].code}` : 'measurement',
        verdict: cell.verdict,
        message: plain(against.map(findingText).join(' ') || 'Nothing is expected of it.', 1000),
      },
    ];
  return cell.expectations.map((expectation) => ({
    ...common,
    name: plain(`${cell.id}: ${limitsOf(expectation)}`, 300),
    rule: `expectation/${plain(expectation.metric, 60)}`,
    verdict: expectation.verdict,
    message: plain(
      expectation.verdict === 'inconclusive'
        ? [expectation.message, ...reasonsOf(cell)].join(' ')
        : expectation.message,
      1000,
    ),
  }));
}

const limitsOf = ({ metric, min, max }: ExpectationResult): string =>
  [metric, min !== undefined && `≥ ${min}`, max !== undefined && `≤ ${max}`].filter(Boolean).join(' ');
