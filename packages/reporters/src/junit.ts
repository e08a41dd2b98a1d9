import { createRequire } from 'node:module';
import path from 'node:path';
import {
  type CellReport,
  defineReporter,
  type Difference,
  type ExpectationResult,
  type Metric,
  type Report,
  type WorstCaseReport,
} from '@gauntlet/api';
import { writeWhole } from '@gauntlet/core';
import { findingText, worstCaseName, worstCaseReasons } from './evidence.js';
import { replayCommand, shownFolder, worstSamples } from './replay.js';
import { cdataText, milliseconds, number, xmlText } from './text.js';
import type { Builder, TestCase, TestSuite } from 'junit-report-builder';

const require = createRequire(import.meta.url);

/** junit.xml: a suite for each victim × dataset, a case for each attack × expectation. */
export const junitReporter = defineReporter({
  name: 'junit',
  version: 1,
  description: 'junit.xml: for the test view of a CI server',
  params: { type: 'object', additionalProperties: false, properties: {} },
  files: () => [{ path: 'junit.xml' }],
  open: ({ folder, cwd }) => ({
    onEvent(event) {
      if (event.type === 'run-done')
        writeWhole(path.join(folder, 'junit.xml'), [junitXml(event.report, shownFolder({ folder, cwd }))]);
    },
  }),
});

/** The report as JUnit XML, valid against Jenkins' schema (junit-10.xsd). `folder` is the run folder as it is shown. */
export function junitXml(report: Report, folder: string): string {
  // Loaded only now: it is as large as everything else that a run starts with.
  const builder = require('junit-report-builder') as Builder;
  const document = builder.newBuilder();
  for (const { name, engine, notes } of report.victims) {
    const cells = report.cells.filter(({ victim }) => victim === name);
    const suite = document
      .testSuite()
      .name(xmlText(`${name} × ${report.dataset.name}`))
      .timestamp(report.execution.startedAt.replace(/\.\d+Z$/, ''));
    suite.time(milliseconds(cells.reduce((sum, cell) => sum + secondsOf(cell), 0)));
    const property = (key: string, value: string) => suite.property(xmlText(key), xmlText(value));
    property('engine', engine);
    property('seed', String(report.seed));
    property('spec', report.spec);
    if (report.yardstick) property('yardstick', report.yardstick);
    notes.forEach((note, i) => property(`note.${i + 1}`, note));
    for (const cell of cells) {
      for (const [metric, value] of Object.entries(cell.metrics))
        if (value) property(`${cell.attack}.${metric}`, describe(value));
      if (cell.estimator) property(`${cell.attack}.estimator`, cell.estimator);
      for (const finding of cell.findings)
        property(`${cell.attack}.${finding.severity}`, findingText(finding));
      addCases(suite, cell, folder);
    }
  }
  if (report.worstCases) addWorstCases(document.testSuite(), report.worstCases);
  if (report.difference) addDifferences(document.testSuite(), report.difference);
  // The builder counts skipped cases on the root element too, which the schema does not know.
  return document.build().replace(/(<testsuites[^>]*?) skipped="\d+"/, '$1');
}

function addCases(suite: TestSuite, cell: CellReport, folder: string): void {
  const time = milliseconds(secondsOf(cell) / Math.max(1, cell.expectations.length));
  const add = (name: string) =>
    suite.testCase().className(xmlText(cell.victim)).name(xmlText(name)).time(time);
  if (cell.expectations.length === 0) {
    const one = add(`${cell.attack}: measured`);
    const against = cell.findings.filter(({ severity }) => severity === 'inconclusive');
    if (against.length > 0) {
      const [{ code }] = against;
      one.error(
        xmlText(against.map(({ message }) => message).join(' ')),
        code,
        cdataText(detail(cell, folder)),
      );
    }
  }
  for (const expectation of cell.expectations) {
    const one = add(`${cell.attack}: ${limits(expectation)}`);
    const text = cdataText(detail(cell, folder, expectation));
    conclude(one, expectation, text);
  }
}

/** What is expected of several attacks together as a suite of its own: a case for each expectation. */
function addWorstCases(suite: TestSuite, worstCases: readonly WorstCaseReport[]): void {
  suite.name('worst case over several attacks');
  for (const one of worstCases)
    for (const expectation of one.expectations) {
      const name = `${worstCaseName(one)}: ${limits(expectation)}`;
      const added = suite.testCase().className(xmlText(one.victim)).name(xmlText(name));
      const detail = cdataText([...worstCaseReasons(one), `cells: ${one.cells.join(', ')}`].join('\n'));
      conclude(added, expectation, detail);
    }
}

function conclude(added: TestCase, { verdict, message }: ExpectationResult, detail: string): void {
  if (verdict === 'fail') added.failure(xmlText(message), 'expectation').stacktrace(detail);
  if (verdict === 'inconclusive') added.error(xmlText(message), 'inconclusive', detail);
}

/** The baseline as a suite of its own: a case for each cell. */
function addDifferences(suite: TestSuite, { baseline, cells }: Difference): void {
  suite.name(xmlText(`against the baseline ${baseline}`));
  for (const { id, verdict, message, newlyBroken } of cells) {
    const one = suite.testCase().className('baseline').name(xmlText(id));
    const detail = cdataText(
      [message, newlyBroken.length > 0 && `newly broken samples: ${newlyBroken.join(', ')}`]
        .filter(Boolean)
        .join('\n'),
    );
    if (verdict === 'fail') one.failure(xmlText(message), 'regression').stacktrace(detail);
    if (verdict === 'inconclusive') one.error(xmlText(message), 'inconclusive', detail);
  }
}

function limits({ metric, min, max, confidence }: ExpectationResult): string {
  const parts = [min !== undefined && `≥ ${min}`, max !== undefined && `≤ ${max}`]
    .filter(Boolean)
    .join(' and ');
  return `${metric} ${parts}${confidence === undefined ? '' : ` (confidence ${confidence})`}`;
}

function detail(cell: CellReport, folder: string, expectation?: ExpectationResult): string {
  const worst = worstSamples(cell);
  return [
    expectation && `measured: ${describe(expectation.measured)}`,
    expectation && `limit: ${limits(expectation)}`,
    `parameters: ${JSON.stringify(cell.params)}`,
    ...cell.findings.map(
      (finding) =>
        `${finding.severity}: ${findingText(finding)}${finding.samples.length > 0 ? ` Samples: ${finding.samples.slice(0, 20).join(', ')}` : ''}`,
    ),
    worst.length > 0 && `worst samples: ${worst.join(', ')}`,
    ...worst.slice(0, 3).map((sample) => `replay: ${replayCommand(folder, cell.id, sample)}`),
  ]
    .filter(Boolean)
    .join('\n');
}

function describe({ value, interval, n }: Metric): string {
  if (value === undefined) return `no value (n = ${n})`;
  return `${number(value)}${interval ? ` [${interval.map(number).join(', ')}]` : ''} (n = ${n})`;
}

const secondsOf = ({ outcomes }: CellReport) => outcomes.reduce((sum, { seconds = 0 }) => sum + seconds, 0);
