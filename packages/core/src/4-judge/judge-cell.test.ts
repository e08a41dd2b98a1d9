import { describe, expect, it } from 'vitest';
import type { CellReport, Expectation, Outcome, VictimReport } from '@gauntlet/api';
import { allHeld, cellOf, judged } from './evidence.test-support.js';
import { judgeTogether } from './judge-cell.js';

const victim = (name: string, rest: object = {}) =>
  ({
    name,
    kind: 'classifier',
    bounds: [0, 1],
    classes: 10,
    gradients: 'exact',
    inputShape: [8, 8, 1],
    ...rest,
  }) as VictimReport;
const together = { maxUnassessed: 0, strict: true };

/** A cell that was judged by itself. */
function alone(id: string, outcomes: Outcome[], expected: Expectation[], of = 'v'): CellReport {
  const cell = cellOf(outcomes, { id, victim: of, attack: id, use: id });
  return { ...cell, ...judged(outcomes, { cell, expected }) } as CellReport;
}

describe('cells beside each other', () => {
  const limit = [{ metric: 'asr', max: 0.55 }];
  const many = alone('pgd', allHeld({ gradients: 40 }), limit);
  const one = (of: string) => {
    const outcomes = allHeld({ gradients: 1 }).map((each, i) => ({
      ...each,
      ...(i < 6 && { status: 'broken' as const }),
    }));
    return alone('fgsm', outcomes, limit, of);
  };

  it('lose a pass to a weaker attack on the same victim, and to none on another', () => {
    const codes = (cells: CellReport[]) =>
      judgeTogether(cells, [victim('w'), victim('v')], together).map(({ verdict, findings }) => [
        verdict,
        ...findings.map(({ code }) => code),
      ]);
    expect(many.verdict).toBe('pass');
    expect(codes([many, one('v')])).toEqual([['inconclusive', 'weaker-is-stronger'], ['pass']]);
    expect(codes([many, one('w')])).toEqual([['pass'], ['pass']]);
  });

  it('are judged by what is known of their own victim', () => {
    const decides = victim('w', { examination: { samples: 8, range: [0, 1], hardLabels: 8 } });
    const cells = [many, { ...many, victim: 'w' }];
    const verdicts = (victims: VictimReport[]) =>
      judgeTogether(cells, victims, together).map(({ verdict }) => verdict);
    expect(verdicts([decides, victim('v')])).toEqual(['pass', 'inconclusive']);
    expect(verdicts([victim('v'), decides])).toEqual(['pass', 'inconclusive']);
  });

  it('are held against what was attacked, and not what was skipped', () => {
    const idle = allHeld({ l0: 0, forwards: 1 });
    const cell = (skipped: number) =>
      alone(
        'pgd',
        idle.map((one, i) => ({ ...one, ...(i < skipped && { status: 'skipped' as const }) })),
        limit,
      );
    // Of six that were attacked, all came back as they were.
    expect(cell(14).findings.map(({ code }) => code)).toContain('unchanged-input');
    expect(cell(0).findings.map(({ code }) => code)).toContain('unchanged-input');
  });

  it('keep what was said of an expectation that could not be measured, that nothing says anything about, and that holds', () => {
    const expected = [
      { metric: 'mine', min: 0 },
      { metric: 'mi', min: 0 },
      { metric: 'asr', max: 0.5 },
    ];
    const cell = alone('pgd', allHeld({ gradients: 40 }), expected);
    expect(cell.expectations.map(({ message }) => message)).toEqual([
      'mine cannot be measured: This run has no metric "mine".',
      'mi: no sample says anything about it (n = 0).',
      expect.stringMatching(/^asr is 0 .* expected at most 0\.5\.$/),
    ]);
    const [again] = judgeTogether([cell], [victim('v')], together);
    expect(again.expectations).toEqual(cell.expectations);
    expect(again.expectations[1]).not.toHaveProperty('failure');
  });

  it('do not take words of a finding for a reason why nothing could be measured', () => {
    const examination = { samples: 0, range: [0, 1], error: 'the range cannot be measured: no data' };
    const [unseen] = judgeTogether([many], [victim('v', { examination })], together);
    expect(unseen.verdict).toBe('inconclusive');
    const [seen] = judgeTogether([unseen], [victim('v')], together);
    expect(seen.verdict).toBe('pass');
  });
});
