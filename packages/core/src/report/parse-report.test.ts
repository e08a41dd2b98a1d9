import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { reportText } from '@gauntlet/reporters';
import { reportWith } from '@gauntlet/testing';
import { parseReport } from './parse-report.js';

const file = path.join(mkdtempSync(path.join(tmpdir(), 'gauntlet-parse-')), 'report.json');
/** Bytes from which on a report is read by lines. */
const byLines = 0;

describe('a report that is read by lines', () => {
  it('is what it is in one piece, cells without outcomes included', () => {
    const report = reportWith('a "word"\n  "outcomes": [\n and ends');
    const [cell] = report.cells;
    const more = { ...cell, outcomes: [...cell.outcomes, { index: 5, status: 'held' as const }] };
    const cells = [{ ...cell, outcomes: [] }, more, { ...cell, outcomes: [] }, cell];
    writeFileSync(file, [...reportText({ ...report, cells })].join(''));
    expect(parseReport(file, byLines)).toEqual(parseReport(file));
    expect((parseReport(file, byLines) as typeof report).cells[1].outcomes).toHaveLength(2);
  });

  it.each([
    ['in another form', JSON.stringify(reportWith('x'), null, 2)],
    ['that ends early', [...reportText(reportWith('x'))].join('').slice(0, -40)],
    ['of no cells', '"cells"'],
  ])('is refused or as it is when it is one %s', (_, text) => {
    writeFileSync(file, text);
    const read = (largest?: number) => {
      try {
        return parseReport(file, largest);
      } catch (error) {
        return String(error).replace(/:.*/, '');
      }
    };
    const [lines, piece] = [read(byLines), read()];
    expect([piece, 'Error']).toContainEqual(lines);
  });

  it('names the form that it has to have', () => {
    writeFileSync(file, JSON.stringify(reportWith('x'), null, 2));
    expect(() => parseReport(file, byLines)).toThrow('its outcomes are not one on each line');
  });
});
