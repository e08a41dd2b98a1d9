import { describe, expect, it } from 'vitest';
import type { Outcome, Progress } from '@gauntlet/api';
import { allHeld, cellOf, findingOf, type Given, severityOf } from '../evidence.test-support.js';
import type { MeasuredCell } from './check.js';
import { effortOf, paired, sameThreat } from './effort.js';

/** The first k are given something. */
const first = (k: number, rest: Partial<Outcome>, all = allHeld()): Outcome[] =>
  all.map((one, i) => ({ ...one, ...(i < k && rest) }));
const unguided: Given = { cell: { usesGradients: false } };
const otherGoal: Given = { cell: { criterion: { name: 'mine' } as never } };
const autoencoder: Given = { victim: { kind: 'autoencoder' } };
const indices = (k: number) => Array.from({ length: k }, (_, i) => i);

describe('an attack', () => {
  it('that returned what it was given, without a look at anything else, attacked nothing', () => {
    const unchanged = (k: number, rest: Partial<Outcome> = {}) =>
      findingOf('unchanged-input', {}, first(k, { l0: 0, forwards: 1, ...rest }));
    expect(unchanged(10)).toBeUndefined();
    expect(unchanged(11)).toMatchObject({ severity: 'inconclusive', samples: indices(11) });
    expect(unchanged(11)?.message).toContain('11 of 20 samples');
    expect(unchanged(11, { forwards: undefined })).toBeDefined();
    expect(unchanged(11, { forwards: 2 })).toBeUndefined();
    expect(unchanged(11, { l0: 1 })).toBeUndefined();
    expect(unchanged(20, { status: 'skipped' })).toBeUndefined();
  });

  it('that uses far less than epsilon is doubted: a hint below half, no evidence below a tenth', () => {
    const used = (linf: number, given: Given = {}) => severityOf('unused-epsilon', given, allHeld({ linf }));
    expect([used(0.05), used(0.049), used(0.01), used(0.0099)]).toEqual([
      undefined,
      'warning',
      'warning',
      'inconclusive',
    ]);
    expect([unguided, otherGoal, autoencoder].map((given) => used(0, given))).toEqual(
      Array(3).fill(undefined),
    );
    expect(used(0, { threat: { norm: 'none', epsilon: 1 } as Given['threat'] })).toBeUndefined();
    expect(findingOf('unused-epsilon', {}, allHeld({ linf: 0.049 }))?.message).toContain(
      'by 0.049 (median, linf), where epsilon allows 0.1',
    );
    // What was not changed at all is another check's, and a length that is not known is none.
    const mixed = first(5, { l0: 0, linf: 0 });
    expect(severityOf('unused-epsilon', {}, mixed)).toBeUndefined();
    expect(findingOf('unused-epsilon', {}, first(13, { linf: 0.001 }, mixed))?.samples).toEqual(
      indices(20).slice(5),
    );
    expect(severityOf('unused-epsilon', {}, allHeld({ l0: 0, linf: 0 }))).toBeUndefined();
    expect(severityOf('unused-epsilon', {}, allHeld({ l0: undefined, linf: 0 }))).toBeUndefined();
    expect(severityOf('unused-epsilon', {}, allHeld({ linf: undefined }))).toBe('inconclusive');
  });

  it('need not use an epsilon that does not fit between the bounds', () => {
    const fits = (norm: 'linf' | 'l2' | 'l1' | 'l0', epsilon: number, bounds: [number, number] = [0, 1]) =>
      severityOf(
        'unused-epsilon',
        { threat: { norm, epsilon }, victim: { bounds } },
        allHeld({ [norm]: 1e-3, l0: 1 }),
      );
    expect([fits('linf', 1), fits('linf', 1.1)]).toEqual(['inconclusive', undefined]);
    expect([fits('linf', 2, [-1, 1]), fits('linf', 2.1, [-1, 1])]).toEqual(['inconclusive', undefined]);
    expect([fits('l2', 2), fits('l2', 2.1)]).toEqual(['inconclusive', undefined]);
    expect([fits('l1', 16), fits('l1', 16.1)]).toEqual(['inconclusive', undefined]);
    expect([fits('l0', 16, [-1, 1]), fits('l0', 17, [-1, 1])]).toEqual(['inconclusive', undefined]);
  });

  it('that forgets what it had broken is no evidence, unless it was one sample in twenty or a lucky draw', () => {
    const forgotten = (k: number, given: Given = {}) =>
      findingOf('forgotten-success', given, first(k, { seenBroken: true }));
    expect(forgotten(0)).toBeUndefined();
    expect(forgotten(1)?.severity).toBe('warning');
    expect(forgotten(2)).toMatchObject({ severity: 'inconclusive', samples: [0, 1] });
    expect(forgotten(2)?.message).toContain('2 of 20 samples');
    expect(forgotten(20, { victim: { repeats: { draws: 9, share: 0.5 } } })?.severity).toBe('warning');
  });

  it('whose last restart breaks more needs more of them', () => {
    const late = (k: number, restarts: unknown, forwardsToSuccess: number | undefined) =>
      findingOf(
        'restarts-disagree',
        { cell: { params: { restarts } } },
        first(k, { status: 'broken', forwardsToSuccess }, allHeld({ forwards: 80 })),
      );
    expect(late(2, 4, 61)).toMatchObject({ samples: [0, 1] });
    expect(late(2, 4, 61)?.message).toContain('The last of 4 restarts broke 2 of 20 samples');
    expect(late(2, 4, 60)).toBeUndefined();
    expect(late(1, 4, 61)).toBeUndefined();
    expect(late(2, 2, 41)).toBeDefined();
    expect(late(2, 1, 41)).toBeUndefined();
    expect(late(2, undefined, 70)).toBeUndefined();
    expect(late(2, '4', 70)).toBeUndefined();
    expect(late(2, 4, undefined)).toBeUndefined();
    // What held had an example only on the way.
    const onTheWay = first(2, { forwardsToSuccess: 70 }, allHeld({ forwards: 80 }));
    expect(findingOf('restarts-disagree', { cell: { params: { restarts: 4 } } }, onTheWay)).toBeUndefined();
    // Where nothing held, or nothing was counted, the length of a restart is not known.
    expect(late(20, 4, 61)).toBeUndefined();
  });

  it('that does not break at the whole range what held is no evidence, if nothing much breaks', () => {
    const tried = (holding: number, broken: number, cell: Given['cell'] = {}) =>
      findingOf(
        'holds-unbounded',
        { cell },
        first(
          holding,
          { unbounded: 'held' },
          first(holding + broken, { unbounded: 'broken' }, allHeld({ gradients: 9 })),
        ),
      );
    expect(tried(0, 4)).toBeUndefined();
    expect(tried(1, 2)).toMatchObject({ severity: 'warning', samples: [0] });
    expect(tried(2, 2)?.severity).toBe('inconclusive');
    expect(tried(2, 2)?.message).toContain('break 2 of 4 samples');
    expect(tried(1, 0)?.message).toContain('break 1 of 1 sample that');
    const one = first(4, { unbounded: 'held' }, allHeld({ gradients: 1 }));
    expect(severityOf('holds-unbounded', {}, one)).toBe('warning');
  });
});

describe('the way of an attack', () => {
  const going = (progress: Partial<Progress>): Partial<Outcome> => ({
    progress: { looks: 10, start: 10, late: 2, lateLooks: 1, end: 1, ...progress },
  });
  const rising = (k: number, progress: Partial<Progress> = {}, given: Given = {}, n = 20) =>
    findingOf('still-rising', given, first(k, going(progress), allHeld({}, n)));

  it('that still rises at its end is no evidence, on more than one sample in twenty', () => {
    expect(rising(2)).toMatchObject({ severity: 'inconclusive', samples: [0, 1] });
    expect(rising(2)?.message).toContain('2 of 20 samples');
    expect(rising(1, {}, {}, 10)).toBeUndefined();
    expect(rising(2, {}, {}, 40)).toBeUndefined();
    expect([unguided, otherGoal, autoencoder].map((given) => rising(9, {}, given))).toEqual(
      Array(3).fill(undefined),
    );
  });

  it('rises if twice the looks at the pace of the last tenth would lead to the goal', () => {
    expect(rising(2, { start: 19, late: 11, end: 10 })).toBeDefined();
    expect(rising(2, { start: 19, late: 11.5, end: 10.5, looks: 10 })).toBeUndefined();
    expect(rising(2, { late: 5, lateLooks: 4 })).toBeDefined();
    // Slower than before, no longer at all, or seen too rarely to tell.
    expect(rising(2, { late: 1.65 })).toBeUndefined();
    expect(rising(2, { late: 1.75 })).toBeDefined();
    expect(rising(2, { start: 0, late: 0, end: 0 })).toBeUndefined();
    expect(rising(2, { looks: 4, late: 4 })).toBeUndefined();
    expect(rising(2, { late: 3, lateLooks: 4 })).toBeUndefined();
    expect(rising(2, { start: 19 })).toBeUndefined();
    expect(rising(2, { start: 91, late: 8 })).toBeDefined();
    expect(rising(2, { looks: 5, late: 4 })).toBeDefined();
    expect(rising(2, { lateLooks: 0 })).toBeUndefined();
  });

  const stuck = (k: number, followed: number, progress: Partial<Progress>, given: Given = {}) => {
    const moving = first(followed, going({ end: 5 }));
    return findingOf('no-progress', given, first(k, going(progress), moving));
  };

  it('that leads no nearer to the goal on most of what held is no evidence', () => {
    const still = { start: 1000, end: 999 };
    expect(stuck(2, 3, still)).toMatchObject({ severity: 'inconclusive', samples: [0, 1] });
    expect(stuck(2, 3, still)?.message).toContain('on 2 of the 3 samples');
    expect(stuck(2, 4, still)).toBeUndefined();
    expect(stuck(2, 2, still)).toBeUndefined();
    expect(stuck(2, 3, { start: 1000, end: 998 })).toBeUndefined();
    expect(stuck(3, 3, { ...still, looks: 3 })).toBeDefined();
    expect(stuck(3, 3, { ...still, looks: 2 })).toBeUndefined();
    expect([unguided, otherGoal, autoencoder].map((given) => stuck(3, 3, still, given))).toEqual(
      Array(3).fill(undefined),
    );
  });

  const level = (k: number, followed: number, progress: Partial<Progress>, given: Given = {}) => {
    const spread = allHeld().map((one, i) => ({
      ...one,
      ...(i < followed && going({ end: 5000 + 100 * i })),
    }));
    return findingOf('plateau', given, first(k, going(progress), spread));
  };

  it('that ends at one value nearly everywhere has met a ceiling of the outputs', () => {
    const end = { end: 1000 };
    expect(level(4, 4, end)).toMatchObject({ severity: 'inconclusive', samples: [0, 1, 2, 3] });
    expect(level(4, 4, end)?.message).toContain(
      'On 4 of the 4 samples that held, the attack ended at the same margin, 1000',
    );
    expect(level(3, 3, end)).toBeUndefined();
    expect(level(4, 5, end)).toBeUndefined();
    expect(level(5, 6, end)).toBeDefined();
    expect(level(4, 4, { ...end, looks: 3 })).toBeDefined();
    expect(level(4, 4, { ...end, looks: 2 })).toBeUndefined();
    expect([unguided, otherGoal, autoencoder].map((given) => level(4, 4, end, given))).toEqual(
      Array(3).fill(undefined),
    );
    const ends = (...all: number[]) =>
      severityOf(
        'plateau',
        {},
        allHeld({}, all.length).map((one, i) => ({ ...one, ...going({ end: all[i] }) })),
      );
    expect(ends(1000, 1000, 1000, 1001)).toBe('inconclusive');
    expect(ends(1000, 1000, 1000, 999)).toBe('inconclusive');
    expect(ends(1000, 1000, 1000, 1001.1)).toBeUndefined();
  });
});

describe('what one attack says of another', () => {
  const beside = (k: number, rest: Partial<MeasuredCell>, outcome: Partial<Outcome> = {}): MeasuredCell =>
    cellOf(first(k, { status: 'broken' }, allHeld(outcome)), { attack: rest.use, ...rest });
  const threat = (epsilon: number, rest: object = {}) => ({ norm: 'linf' as const, epsilon, ...rest });

  it('goes by what an attack can do: noise, one step, a search, many steps', () => {
    const effort = (usesGradients: boolean, outcome: Partial<Outcome>, use = 'mine') =>
      effortOf(
        cellOf(
          [
            { index: 0, status: 'held' },
            { index: 1, status: 'held', ...outcome },
          ],
          { usesGradients, use },
        ),
      );
    expect(effort(false, { forwards: 49 })).toBe('noise');
    expect(effort(false, { forwards: 50 })).toBe('search');
    expect(effort(false, { forwards: 50 }, 'noise')).toBe('noise');
    expect(effort(true, { gradients: 1, forwards: 900 })).toBe('single step');
    expect(effort(true, { gradients: 2 })).toBe('many steps');
    expect(effort(true, { forwards: 99 })).toBe('single step');
    expect(effort(true, { forwards: 100 })).toBe('many steps');
    expect(effort(true, { gradients: 1, example: 'broken' })).toBe('many steps');
    expect(effort(false, { forwards: 1, example: 'broken' })).toBe('search');
  });

  it('counts only under the same norm, family, target and goal', () => {
    const same = (a: Partial<MeasuredCell>, b: Partial<MeasuredCell> = {}) =>
      sameThreat(cellOf([], a), cellOf([], b));
    expect(same({})).toBe(true);
    expect(same({ threat: threat(0.5) })).toBe(true);
    expect(same({ threat: { norm: 'l2', epsilon: 0.1 } })).toBe(false);
    expect(same({ threat: threat(0.1, { family: 'fog' }) })).toBe(false);
    expect(same({ threat: threat(0.1, { target: 3 }) })).toBe(false);
    expect(same({ threat: threat(0.1, { target: 0 }) })).toBe(false);
    expect(same({ threat: threat(0.1, { target: null }) })).toBe(true);
    expect(same({ criterion: 'mine' as never })).toBe(false);
    expect(same({ criterion: null as never })).toBe(true);
  });

  it('counts only samples that both attacked', () => {
    const of = (...statuses: Outcome['status'][]) =>
      cellOf(statuses.map((status, index) => ({ index, status })));
    const { only, onlyOther } = paired(
      of('broken', 'broken', 'broken', 'held', 'held', 'skipped'),
      of('held', 'broken', 'unassessed', 'broken', 'held', 'broken'),
    );
    expect([...only]).toEqual([0]);
    expect(onlyOther).toBe(1);
  });

  const strong = allHeld({ gradients: 40 });
  const weaker = (siblings: MeasuredCell[], all = strong) =>
    findingOf('weaker-is-stronger', { siblings }, all);

  it('is told of the strongest of the weaker ones, with the samples', () => {
    const one = { gradients: 1 };
    const found = weaker([
      beside(6, { use: 'fgsm' }, one),
      beside(8, { use: 'ffgsm' }, one),
      beside(7, { use: 'square', usesGradients: false }, { forwards: 900 }),
    ]);
    expect(found).toMatchObject({ severity: 'inconclusive', samples: indices(8) });
    expect(found?.message).toContain(
      'ffgsm (single step) broke 8 samples that this attack (many steps) did not, and missed 0',
    );
    expect(weaker([beside(6, { use: 'fgsm', threat: threat(0.05) }, one)])).toBeDefined();
    expect(weaker([beside(6, { use: 'fgsm', threat: threat(0.1, { target: 3 }) }, one)])).toBeUndefined();
  });

  it('is no surprise where a search beats one step, or one step a search', () => {
    const noise = beside(6, { use: 'noise', usesGradients: false }, { forwards: 1 });
    const search = beside(6, { use: 'square', usesGradients: false }, { forwards: 900 });
    const step = beside(6, { use: 'fgsm' }, { gradients: 1 });
    const oneStep = allHeld({ gradients: 1 });
    expect([search, step].map((one) => weaker([one], oneStep))).toEqual([undefined, undefined]);
    expect(weaker([noise], oneStep)).toBeDefined();
    const searching = (sibling: MeasuredCell) =>
      findingOf('weaker-is-stronger', { siblings: [sibling], ...unguided }, allHeld({ forwards: 900 }));
    expect([search, step].map(searching)).toEqual([undefined, undefined]);
    expect(searching(noise)).toBeDefined();
    expect(
      findingOf('weaker-is-stronger', { siblings: [noise], ...unguided }, allHeld({ forwards: 1 })),
    ).toBeUndefined();
  });

  const falls = (sibling: MeasuredCell, outcomes = strong) =>
    findingOf('falls-with-epsilon', { siblings: [sibling] }, outcomes);

  it('is that it breaks less where it may do more; of a single step, a hint', () => {
    const smaller = (k: number, rest: Partial<MeasuredCell> = {}) =>
      beside(k, { use: 'pgd', threat: threat(0.05), ...rest }, { gradients: 40 });
    expect(falls(smaller(6))).toMatchObject({ severity: 'inconclusive', samples: indices(6) });
    expect(falls(smaller(6))?.message).toContain(
      'With epsilon 0.05 it broke 6 samples that it did not with 0.1, and missed 0.',
    );
    expect(falls(smaller(6), allHeld({ gradients: 1 }))?.severity).toBe('warning');
    expect(falls(smaller(4))).toBeUndefined();
    expect(falls(smaller(6, { threat: threat(0.1) }))).toBeUndefined();
    expect(falls(smaller(6, { use: 'fgsm' }))).toBeUndefined();
    expect(falls(smaller(6, { threat: threat(0.05, { target: 3 }) }))).toBeUndefined();
  });
});
