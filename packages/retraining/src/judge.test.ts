import { describe, expect, it } from 'vitest';
import { judgeRetraining } from './judge.js';
import type { RetrainRow } from './report.js';

const row = (attack: string | undefined, varianceKept: (number | null)[]): RetrainRow => ({
  attack,
  protocol: 'equal-steps',
  added: [2],
  asr: [0.5],
  steps: [4],
  errors: [0.05],
  mean: 0.05,
  varianceKept,
  improvement: 0.2,
  improvementOverControl: 0.1,
});

const all = { improvement: { min: 0 }, improvementOverControl: { min: 0 }, testError: { max: 0.1 } };

const judge = (original: number | null, augmented: number | null, control: number | null, limits: object) =>
  judgeRetraining(
    { expectations: { noise: limits }, protocols: ['equal-steps'] },
    {
      originalVarianceKept: original,
      rows: [row(undefined, [0.9, control]), row('noise', [0.9, augmented])],
    },
  ).results.map(({ metric, verdict }) => [metric, verdict]);

describe('a limit that holds', () => {
  it.each([
    ['with models that follow their images', [0.9, 0.8, 0.7], 'pass', 'pass', 'pass'],
    ['with test images that are all alike', [null, null, null], 'pass', 'pass', 'pass'],
    ['with a collapsed original', [0.01, 0.8, 0.7], 'inconclusive', 'inconclusive', 'pass'],
    ['with a collapsed result of one seed', [0.9, 0.01, 0.7], 'inconclusive', 'inconclusive', 'inconclusive'],
    ['with a collapsed control', [0.9, 0.8, 0.01], 'pass', 'inconclusive', 'pass'],
  ])('%s', (_, [original, augmented, control], improvement, over, testError) => {
    expect(judge(original, augmented, control, all)).toEqual([
      ['improvement', improvement],
      ['improvementOverControl', over],
      ['testError', testError],
    ]);
  });
});

it('does not excuse a limit that is missed', () => {
  expect(judge(0.01, 0.01, 0.01, { testError: { max: 0.01 } })).toEqual([['testError', 'fail']]);
});
