import path from 'node:path';
import { writeWhole } from '@gauntlet/core';
import {
  cdataText,
  duration,
  number,
  type Paint,
  percent,
  plain,
  signedPercent,
  verdictText,
  xmlText,
} from '@gauntlet/reporters';
import type { RetrainReport, RetrainRow } from './report.js';
import Table from 'cli-table3';
import junit, { type Builder } from 'junit-report-builder';

// A CommonJS module whose types describe the other way of exporting.
const builder = junit as unknown as Builder;

const armOf = ({ attack }: RetrainRow) => attack ?? 'nothing added';
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const error = ({ mean: value, std }: RetrainRow) =>
  number(value) + (std === undefined ? '' : ` ± ${std.toExponential(1)}`);

/** The table of a retraining for a terminal: each protocol's rows, and the expectations. */
export function retrainSummary(report: RetrainReport, paint: Paint): string {
  const head = [
    'protocol',
    'added',
    'images',
    'steps',
    'test error',
    'against original',
    'against nothing added',
    'ASR on training set',
  ];
  const table = new Table({
    head: head.map((text) => paint('bold', text)),
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const row of report.rows) {
    table.push([
      row.protocol,
      plain(armOf(row), 40),
      String(Math.round(mean(row.added))),
      String(Math.round(mean(row.steps))),
      error(row),
      signedPercent(row.improvement),
      row.attack === undefined ? '–' : signedPercent(row.improvementOverControl),
      row.asr.length === 0 ? '–' : percent(mean(row.asr)),
    ]);
  }
  const { originalError, seeds, epochs, batchSize, training, test, trainer, engine } = report;
  return [
    table.toString(),
    `original: ${number(originalError)} (mean squared error per value on ${test.n} test images); + is better than`,
    paint(
      'dim',
      plain(
        `${training.n} training images, ${epochs} epochs, batch ${batchSize}, ${seeds.length} seeds, trained by ${trainer} on ${engine}`,
        500,
      ),
    ),
    ...report.expectations
      .filter(({ verdict }) => verdict !== 'pass')
      .map(
        ({ attack, message, verdict }) =>
          `${verdictText(verdict, paint)} ${paint('bold', plain(attack))}: ${plain(message, 500)}`,
      ),
    ...(report.expectations.length === 0
      ? [paint('yellow', 'The spec expects nothing of retraining: no result can fail it.')]
      : []),
    `${verdictText(report.verdict, paint)} in ${duration(report.seconds)}`,
  ].join('\n');
}

/** junit.xml of a retraining: a suite for each protocol, a case for each expectation. */
export function retrainJunit(report: RetrainReport): string {
  const document = builder.newBuilder();
  for (const protocol of new Set(report.rows.map((row) => row.protocol))) {
    const suite = document.testSuite().name(xmlText(`${report.victim} retrained, ${protocol}`));
    suite.property('trainer', xmlText(report.trainer)).property('original', number(report.originalError));
    for (const row of report.rows.filter((one) => one.protocol === protocol))
      suite.property(xmlText(armOf(row)), `${error(row)}, ${signedPercent(row.improvement)}`);
    for (const one of report.expectations.filter((each) => each.protocol === protocol)) {
      const limit = [one.min !== undefined && `≥ ${one.min}`, one.max !== undefined && `≤ ${one.max}`]
        .filter(Boolean)
        .join(' and ');
      const testCase = suite
        .testCase()
        .className(xmlText(report.victim))
        .name(xmlText(`${one.attack}: ${one.metric} ${limit}`));
      const row = report.rows.find((each) => each.attack === one.attack && each.protocol === protocol);
      const detail = cdataText(`${one.message}\nerrors: ${row?.errors.map(number).join(', ')}`);
      if (one.verdict === 'fail') testCase.failure(xmlText(one.message), 'expectation').stacktrace(detail);
      if (one.verdict === 'inconclusive') testCase.error(xmlText(one.message), 'inconclusive', detail);
    }
  }
  // As of junit.ts: the schema knows no skipped cases on the root element.
  return document.build().replace(/(<testsuites[^>]*?) skipped="\d+"/, '$1');
}

/** Writes junit.xml beside retrain.json. */
export function writeRetrainJunit(report: RetrainReport, folder: string): void {
  writeWhole(path.join(folder, 'junit.xml'), [retrainJunit(report)]);
}
