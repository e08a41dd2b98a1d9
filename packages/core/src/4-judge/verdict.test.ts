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
    expect(judge({ min: 0.1, max: 0.3 })[1]).toMatch(/expected at least 0\.1 and at most 0\.3\.$/);
  });

  it('counts one sample as one', () => {
    expect(judge({ max: 1 }, outcomes(1, 0))[1]).toMatch(/over 1 sample;/);
  });

  it('does not say that a point on the limit is beyond it, where only its interval is', () => {
    for (const limit of [{ max: 0.2 }, { min: 0.2 }])
      expect(judge({ ...limit, confidence: 0.95 })[1]).toMatch(
        /confidence, which the interval does not show\.$/,
      );
  });

  it('with a confidence is inconclusive on one sample, which has no interval; without one it is judged', () => {
    const one: Outcome[] = [{ index: 0, status: 'broken', l2: 1 }];
    const l2 = (limits: Partial<Expectation>) => judge({ metric: 'l2', ...limits }, one);
    expect(l2({ max: 2, confidence: 0.95 })).toEqual([
      'inconclusive',
      'l2 is 1 over 1 sample; expected at most 2 with 95 % confidence. One sample has no interval.',
    ]);
    expect(l2({ max: 2 })).toEqual(['pass', 'l2 is 1 over 1 sample; expected at most 2.']);
  });

  it('that is decided early is held against the interval for any time, and says so', () => {
    const [verdict, message] = judge({ max: 0.55, confidence: 0.95, early: true });
    expect([verdict, judge({ max: 0.55, confidence: 0.95 })[0]]).toEqual(['fail', 'pass']);
    expect(message).toContain('with 95 % confidence at any time');
    expect(judge({ max: 0.55, confidence: 0.95 })[1]).not.toContain('at any time');
  });

  it('never passes on a number that is none', () => {
    const measured = { metric: 'mine', min: 0, measured: { value: NaN, n: 3 } };
    expect(judgeMeasured(measured, []).verdict).toBe('inconclusive');
    expect(judgeMeasured({ ...measured, measured: { value: Infinity, n: 3 } }, []).verdict).toBe(
      'inconclusive',
    );
  });

  it('that cannot be measured has no sample behind it, and is inconclusive for that reason', () => {
    const nothing = measureExpectation(new Map(), { metric: 'mine', min: 0 }, outcomes(1, 1));
    expect(nothing).toMatchObject({ measured: { n: 0 }, failure: expect.stringContaining('mine') as string });
    expect(judgeMeasured(nothing, [])).toMatchObject({ verdict: 'inconclusive', message: nothing.failure });
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
