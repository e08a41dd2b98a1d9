import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { GauntletError } from '@gauntlet/api';
import { reportWith } from '@gauntlet/testing';
import { readReport } from './baseline.js';

const file = path.join(mkdtempSync(path.join(tmpdir(), 'gauntlet-report-')), 'report.json');
/** Reads a sample report in which one piece of text is another. */
function read(from: string, to: string) {
  const text = JSON.stringify(reportWith('words'));
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
  try {
    return readReport(file);
  } catch (error) {
    const { name, message } = error as Error;
    return error instanceof GauntletError ? message : `${name}: ${message}`;
  }
}

it('a report is read as it is', () => {
  expect(read('words', 'words')).toEqual(reportWith('words'));
});

it('a part that is missing or of another kind is named', () => {
  expect(read('"status":"broken"', '"status":"brokem"')).toBe(
    `${file} is no report of a run: cells[0].outcomes[0].status must be equal to one of the allowed values: broken, held, skipped, unassessed. It is damaged, or was changed by hand.`,
  );
  expect(read('"outcomes":[', '"outcome5":[')).toMatch(/cells\[0\] must have required property 'outcomes'/);
  expect(read('"cells":[', '"cells":[null,')).toMatch(/cells\[0\] must be object/);
  expect(read('"execution":{', '"execution":3,"e":{')).toMatch(/execution must be object/);
  expect(read('"params":{', '"params":null,"p":{')).toMatch(/cells\[0\]\.params must be object/);
});

it('cells and samples are there once', () => {
  expect(read('words/fail', 'words/pass')).toMatch(/it has the cell words\/pass twice/);
  expect(read('"outcomes":[', '"outcomes":[{"index":4,"status":"held"},')).toMatch(
    /the cell words\/pass has sample 4 twice/,
  );
});
