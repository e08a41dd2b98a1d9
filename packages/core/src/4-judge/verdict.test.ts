import { describe, expect, it } from 'vitest';
import type { Expectation, Finding, Outcome } from '@gauntlet/api';
import { cellVerdict } from './judge-cell.js';
import { standardMeasures } from './open-metrics.js';
import { judgeMeasured, measureExpectation } from './verdict.js';

const measures = standardMeasures;

const outcomes = (broken: number, held: number): Outcome[] =>
  Array.from({ length: broken + held }, (_, index) => ({
    index,
    status: index < broken ? 'broken' : 'held',
  }));
const finding: Finding = {
  code: 'unassessed',
  severity: 'inconclusive',
  message: 'Two are missing.',
  samples: [0, 1],
};
const weak: Finding = { ...finding, code: 'one-class', message: 'They are all alike.' };
const hint: Finding = { ...weak, severity: 'warning' };
const judge = (limits: Partial<Expectation>, of = outcomes(2, 8), findings: Finding[] = []) => {
  const measured = measureExpectation(measures, { metric: 'asr', ...limits }, of);
  const { verdict, message } = judgeMeasured(measured, findings);
  return [verdict, message];
};

describe('an expectation', () => {
  it('holds at its limits, and not beyond', () => {
    expect(judge({ min: 0.2, max: 0.2 })[0]).toBe('pass');
    expect(judge({ max: 0.19 })).toEqual([
      'fail',
      expect.stringMatching(
        /^asr is 0\.2 \[.*\] over 10 samples; expected at most 0\.19, which is 0\.01 too much\.$/,
      ),
    ]);
    expect(judge({ min: 0.5 })[1]).toMatch(/expected at least 0\.5, which is 0\.3 too little\.$/);
  });

  it('with a confidence asks it of the whole interval', () => {
    expect(judge({ max: 0.3 })[0]).toBe('pass');
    expect(judge({ max: 0.3, confidence: 0.95 })).toEqual([
      'fail',
      expect.stringMatching(/with 95 % confidence, which the interval does not show\.$/),
    ]);
  });

  it('is inconclusive without evidence: no sample, or a finding, whatever the numbers say', () => {
    expect(judge({ max: 1 }, [])).toEqual(['inconclusive', 'asr: no sample says anything about it (n = 0).']);
    expect(judge({ max: 1 }, outcomes(0, 9), [finding])).toEqual(['inconclusive', 'asr: Two are missing.']);
    expect(judge({ max: 0 }, outcomes(9, 0), [finding])[0]).toBe('inconclusive');
  });

  it('loses a pass to weak evidence, and says both; what it fails stays failed', () => {
    expect(judge({ max: 0.5 }, outcomes(2, 8), [weak])).toEqual([
      'inconclusive',
      expect.stringMatching(/expected at most 0\.5, which is no evidence\. They are all alike\.$/),
    ]);
    expect(judge({ max: 0 }, outcomes(9, 0), [weak])[0]).toBe('fail');
  });
});

describe('a cell', () => {
  const results = (...limits: number[]) =>
    limits.map((max) =>
      judgeMeasured(measureExpectation(measures, { metric: 'asr', max }, outcomes(2, 8)), []),
    );

  it('passes only if all its expectations do and nothing was found', () => {
    expect(cellVerdict(results(0.3, 0.2), [])).toBe('pass');
    expect(cellVerdict(results(0.3, 0.1), [])).toBe('fail');
    expect(cellVerdict(results(0.3), [finding])).toBe('inconclusive');
    expect(cellVerdict([], [finding])).toBe('inconclusive');
    expect(cellVerdict(results(0.1), [weak])).toBe('fail');
    expect(cellVerdict(results(0.3), [hint])).toBe('pass');
  });

  it('is measured where nothing is expected', () => {
    expect(cellVerdict([], [])).toBe('measured');
    expect(cellVerdict([], [hint])).toBe('measured');
  });
});
