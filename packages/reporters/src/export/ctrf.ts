import { defineReporter, type Report, type Verdict } from '@gauntlet/api';
import { shownFolder } from '../replay.js';
import { fileParam, writeReportFile } from '../report-file.js';
import { plain } from '../text.js';
import { taxaOf } from './taxonomies.js';
import { testPoints } from './test-points.js';

/** report.ctrf.json: a test for each expectation. */
export const ctrfReporter = defineReporter({
  name: 'ctrf',
  version: 1,
  description: 'report.ctrf.json: a test for each expectation (Common Test Report Format)',
  params: {
    type: 'object',
    additionalProperties: false,
    properties: { file: fileParam('report.ctrf.json') },
  },
  files: ({ file }) => [{ path: file }],
  open: ({ folder, cwd, params }) => ({
    onEvent(event) {
      if (event.type !== 'run-done') return;
      const text = JSON.stringify(ctrf(event.report, shownFolder({ folder, cwd })), null, 1);
      writeReportFile(folder, params.file, `${text}\n`);
    },
  }),
});

/** What is inconclusive has not passed, and the format has no word for it: `rawStatus` says which it is. */
const statuses: Record<Verdict, 'passed' | 'failed' | 'skipped'> = {
  pass: 'passed',
  fail: 'failed',
  inconclusive: 'failed',
  measured: 'skipped',
};

/** The report in the Common Test Report Format. */
export function ctrf(report: Report, folder: string) {
  const start = Date.parse(report.execution.startedAt);
  const tests = testPoints(report, folder).map(({ name, verdict, message, victim, replay, cell }) => ({
    name,
    status: statuses[verdict],
    rawStatus: verdict,
    duration: cell
      ? Math.round((1000 * secondsOf(cell.outcomes)) / Math.max(1, cell.expectations.length))
      : 0,
    suite: [victim || 'baseline', plain(report.dataset.name, 100)],
    type: 'robustness',
    filePath: plain(report.spec, 200),
    message,
    ...(replay && { trace: `replay: ${replay}` }),
    ...(cell && {
      tags: [
        ...taxaOf(
          cell,
          report.victims.find((one) => one.name === cell.victim)!,
        ),
      ],
    }),
  }));
  const count = (status: string) => tests.filter((test) => test.status === status).length;
  return {
    reportFormat: 'CTRF',
    specVersion: '0.0.0',
    timestamp: report.execution.startedAt,
    generatedBy: 'gauntlet',
    results: {
      tool: { name: 'Gauntlet', version: plain(report.gauntlet, 40) },
      summary: {
        tests: tests.length,
        passed: count('passed'),
        failed: count('failed'),
        skipped: count('skipped'),
        pending: 0,
        other: 0,
        start,
        stop: start + Math.round(1000 * report.execution.seconds),
      },
      tests,
    },
  };
}

const secondsOf = (outcomes: readonly { seconds?: number }[]) =>
  outcomes.reduce((sum, { seconds = 0 }) => sum + seconds, 0);
