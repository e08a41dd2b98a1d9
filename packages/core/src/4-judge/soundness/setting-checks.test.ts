import { describe, expect, it } from 'vitest';
import type { Expectation, LengthName, Outcome } from '@gauntlet/api';
import { allHeld, findingOf, type Given, severityOf } from '../evidence.test-support.js';
import { expectsHeld } from './check.js';

const within = (norm: LengthName | 'none', epsilon: number, rest: Given = {}): Given => ({
  ...rest,
  threat: { norm, epsilon } as Given['threat'],
});
const bounds = (...both: [number, number]): Given => ({ victim: { bounds: both } });

describe('an epsilon that says nothing', () => {
  it('is one that 8 bits undo, in the units of the bounds', () => {
    const tiny = (given: Given) => findingOf('epsilon-tiny', given)?.message;
    expect(tiny(within('linf', 0.0019))).toContain(
      'epsilon 0.0019 is below half an 8-bit step of the bounds [0, 1] (0.001961)',
    );
    expect(tiny(within('linf', 0.0019))).toContain('did you mean 0.4845?');
    expect(tiny(within('linf', 0.5 / 255))).toBeUndefined();
    expect(tiny(within('linf', 0.49, bounds(0, 255)))).toContain('(0.5)');
    expect(tiny(within('linf', 0.5, bounds(0, 255)))).toBeUndefined();
    expect(tiny(within('linf', 0.0038, bounds(-1, 1)))).toBeDefined();
    expect(tiny(within('l2', 0))).toMatch(/^epsilon is 0/);
    // A count of pixels has no step, and the box alone no epsilon.
    expect(tiny(within('l0', 0))).toBeUndefined();
    expect(tiny(within('none', 0))).toBeUndefined();
  });

  it('is one that no two images differ by, in each norm', () => {
    const unit = (given: Given) => findingOf('epsilon-unit', given)?.message;
    // 8×8 values from 0 to 1.
    for (const [norm, largest] of [
      ['linf', 1],
      ['l2', 8],
      ['l1', 64],
    ] as const) {
      expect(unit(within(norm, largest))).toBeUndefined();
      expect(unit(within(norm, largest + 0.1))).toContain(`(${largest} in ${norm})`);
    }
    expect(unit(within('linf', 8))).toContain('did you mean 0.03137?');
    expect(unit(within('linf', 2, bounds(-1, 1)))).toBeUndefined();
    expect(unit(within('linf', 2.1, bounds(-1, 1)))).toContain('[-1, 1]');
    expect(unit(within('l0', 100))).toBeUndefined();
    expect(unit(within('none', 1e9))).toBeUndefined();
  });

  it('is one that all steps together do not reach', () => {
    const short = (params: object, given: Given = {}) =>
      findingOf('short-steps', { ...given, cell: { params: params as Record<string, unknown> } })?.message;
    expect(short({ steps: 10, stepSize: 0.009 })).toMatch(
      /^10 steps of 0.009 go 0.09 far.* at least 0.02\.$/,
    );
    expect(short({ steps: 10, stepSize: 0.01 })).toBeUndefined();
    // What rounding takes from the way is not short.
    expect(short({ steps: 3, stepSize: 0.0333333333 })).toBeUndefined();
    // From a random point of the ball half of the way is enough.
    expect(short({ steps: 10, stepSize: 0.005, randomStart: true })).toBeUndefined();
    expect(short({ steps: 10, stepSize: 0.0049, randomStart: true })).toBeDefined();
    expect(short({ steps: 10, stepSize: 0.005, randomStart: false })).toBeDefined();
    // Nobody needs to go farther than the bounds.
    expect(short({ steps: 10, stepSize: 0.1 }, within('linf', 5))).toBeUndefined();
    expect(short({ steps: 1, stepSize: 0.01 }, within('none', 1))).toBeUndefined();
    expect(short({ steps: 1, stepSize: null })).toBeUndefined();
    expect(short({ stepSize: 0.01 })).toBeUndefined();
  });
});

describe('an expectation', () => {
  const cannotFail = (...expected: Expectation[]) => findingOf('vacuous-expectation', { expected });
  it('that cannot fail is found by what its metric can be at all', () => {
    for (const metric of ['asr', 'asrRounded', 'cleanAccuracy', 'robustAccuracy', 'confidence']) {
      expect(cannotFail({ metric, min: 0, max: 1 })?.message).toContain(
        `(${metric} at least 0 and ${metric} at most 1)`,
      );
      expect(cannotFail({ metric, min: 0.01 })).toBeUndefined();
      expect(cannotFail({ metric, max: 0.99 })).toBeUndefined();
    }
    for (const metric of ['l2', 'l1', 'l0', 'minimalNorm', 'forwards', 'gradients', 'seconds']) {
      expect(cannotFail({ metric, min: 0 })?.message).toContain(`(${metric} at least 0)`);
      expect(cannotFail({ metric, min: 0.1 })).toBeUndefined();
      expect(cannotFail({ metric, max: 1000 })).toBeUndefined();
    }
    for (const metric of ['reconstructionError', 'cleanReconstructionError'])
      expect(cannotFail({ metric, min: 0 })).toBeDefined();
    expect(cannotFail({ metric: 'mi', min: -1000 })).toBeUndefined();
  });

  it('cannot fail on a length that epsilon bounds already', () => {
    expect(cannotFail({ metric: 'linf', max: 0.1 })?.message).toContain('(linf at most 0.1)');
    expect(cannotFail({ metric: 'linf', max: 0.099 })).toBeUndefined();
    expect(cannotFail({ metric: 'linf', min: 0.05, max: 0.1 })).toBeUndefined();
  });

  it('asks that the attack achieves little, or not, by its metric and its side', () => {
    const held = (metric: string, side: 'min' | 'max') => expectsHeld({ metric, [side]: 0.5 });
    for (const metric of ['asr', 'asrRounded', 'confidence', 'asr.worstClass'])
      expect([held(metric, 'min'), held(metric, 'max')]).toEqual([false, true]);
    for (const metric of ['robustAccuracy', 'linf', 'l2', 'l1', 'l0', 'minimalNorm', 'forwards', 'gradients'])
      expect([held(metric, 'min'), held(metric, 'max')]).toEqual([true, false]);
    for (const metric of ['cleanAccuracy', 'cleanReconstructionError', 'reconstructionError'])
      expect([held(metric, 'min'), held(metric, 'max')]).toEqual([false, false]);
    for (const metric of ['reconstructionDegradation', 'mi', 'ssim', 'seconds'])
      expect([held(metric, 'min'), held(metric, 'max')]).toEqual([false, false]);
    // What is not known counts: a plugin's metric must not lift a finding.
    expect([held('mine', 'min'), held('mine', 'max')]).toEqual([true, true]);
  });

  const broken = (k: number, of: Partial<Outcome> = {}): Outcome[] =>
    allHeld().map((one, i) => ({ ...one, ...(i < k && { status: 'broken', ...of }) }));
  const straddles = (expectation: Expectation, outcomes = allHeld()) =>
    findingOf('straddles-limit', { expected: [expectation] }, outcomes)?.message;

  it('whose limit lies within the interval says how many samples would settle it', () => {
    expect(straddles({ metric: 'asr', max: 0.1 })).toContain('(about 40 samples would settle it)');
    expect(straddles({ metric: 'robustAccuracy', min: 0.9 })).toContain('(about 40 samples would settle it)');
    expect(straddles({ metric: 'cleanAccuracy', min: 0.9 })).toContain('about 40 samples');
    expect(straddles({ metric: 'asr', min: 0, max: 0.1 })).toContain('about 40 samples');
    expect(straddles({ metric: 'robustAccuracy', min: 0.9, max: 1 })).toContain('about 40 samples');
    expect(straddles({ metric: 'asr', min: 0.5, max: 1 }, broken(20))).toBeUndefined();
    expect(straddles({ metric: 'asr', max: 0.2 })).toBeUndefined();
    expect(straddles({ metric: 'robustAccuracy', min: 0.8 })).toBeUndefined();
    // No number of samples settles a limit that the rate lies on.
    expect(straddles({ metric: 'asr', max: 0 })).not.toContain('about');
    expect(straddles({ metric: 'asr', min: 0.25 }, broken(5))).not.toContain('about');
    expect(straddles({ metric: 'asr', min: 0.1, max: 0.9 }, broken(10))).toBeUndefined();
  });

  it('is not said to be open where it fails, has a confidence, or is no rate', () => {
    expect(straddles({ metric: 'asr', max: 0.1 }, broken(3))).toBeUndefined();
    expect(straddles({ metric: 'asr', min: 0.3 }, broken(5))).toBeUndefined();
    expect(straddles({ metric: 'asr', max: 0.1, confidence: 0.95 })).toBeUndefined();
    const spread = broken(10).map((one, i) => ({ ...one, l2: i / 10 }));
    expect(straddles({ metric: 'l2', max: 0.5 }, spread)).toMatch(
      /l2 0.45 over 10 samples.*to 0\.\d+\. Take/,
    );
    expect(straddles({ metric: 'l2', max: 0.5 })).toBeUndefined();
  });
});

describe('samples that settle nothing', () => {
  const right = (k: number, n: number): Outcome[] =>
    allHeld({ label: 1 }, n).map((one, i) => ({ ...one, cleanPrediction: i < k ? 1 : 0 }));

  it('are those on which the model guesses', () => {
    const guesses = (k: number, n: number, classes = 10) =>
      findingOf('near-chance', { victim: { classes } }, right(k, n))?.message;
    expect(guesses(2, 20)).toContain('right on 2 of 20 samples (10 %), which guessing among 10 classes');
    expect(guesses(10, 20)).toBeUndefined();
    expect(guesses(10, 20, 2)).toBeDefined();
    expect(guesses(16, 20, 2)).toBeUndefined();
    // Three of five may be chance, four of five is too much to say so.
    expect(guesses(3, 5, 2)).toBeDefined();
    expect(guesses(4, 5, 2)).toBeUndefined();
    expect(guesses(6, 8, 2)).toBeDefined();
    expect(guesses(0, 4)).toBeUndefined();
    expect(findingOf('near-chance', { victim: { kind: 'autoencoder' } }, right(0, 20))).toBeUndefined();
  });

  it('are those on which a model of several labels gets no further than the commonest set of them', () => {
    const sets = [...Array<number[]>(12).fill([1]), ...Array<number[]>(5).fill([0, 2]), [], [], []];
    const guesses = (k: number) =>
      findingOf(
        'near-chance',
        { victim: { multiLabel: true, classes: 3 } },
        right(0, 20).map((one, i) => ({ ...one, labels: sets[i], cleanHamming: i < k ? 0 : 1 / 3 })),
      )?.message;
    expect(guesses(12)).toContain(
      'right on 12 of 20 samples (60 %), which saying the commonest set of labels of every sample can give',
    );
    // Halfway from 60 % to all.
    expect([guesses(16) !== undefined, guesses(17)]).toEqual([true, undefined]);
  });

  it.each<[string, Partial<Outcome>]>([
    ['without a prediction', { cleanPrediction: undefined }],
    ['without a label', { label: undefined }],
    ['with neither', { label: undefined, cleanPrediction: undefined }],
  ])('do not count %s', (_, lacking) => {
    const outcomes = right(0, 20).map((one, i) => ({ ...one, ...(i >= 4 && lacking) }));
    const carded = { victim: { examination: { samples: 8, range: [0, 1], cardAccuracy: 0.9 } } } as Given;
    expect(severityOf('near-chance', {}, outcomes)).toBeUndefined();
    expect(severityOf('below-card', carded, outcomes)).toBeUndefined();
    const enough = right(0, 20).map((one, i) => ({ ...one, ...(i >= 5 && lacking) }));
    expect(severityOf('near-chance', {}, enough)).toBe('inconclusive');
    expect(severityOf('below-card', carded, enough)).toBe('inconclusive');
  });

  it('do not count where nothing could be assessed', () => {
    const lost = right(0, 20).map((one, i) => ({ ...one, ...(i >= 4 && { status: 'unassessed' as const }) }));
    expect(severityOf('near-chance', { maxUnassessed: 1 }, lost)).toBeUndefined();
  });

  it('are those on which the model is worse than its card says: a hint, and below half of it, no evidence', () => {
    const below = (k: number) =>
      findingOf(
        'below-card',
        { victim: { examination: { samples: 8, range: [0, 1], cardAccuracy: 0.9 } } },
        right(k, 20),
      );
    expect(below(16)).toBeUndefined();
    expect(below(15)?.severity).toBe('warning');
    expect(below(9)?.severity).toBe('warning');
    expect(below(8)?.severity).toBe('inconclusive');
    expect(below(8)?.message).toContain('right on 40 % of these samples; its card says 90 %');
    expect(severityOf('below-card', {}, right(0, 20))).toBeUndefined();
  });

  it('are those of one class, unless there are too few to tell', () => {
    const same = (n: number, given: Given = {}) => severityOf('one-class', given, right(n, n));
    expect([same(1), same(2), same(4), same(5)]).toEqual([undefined, 'warning', 'warning', 'inconclusive']);
    expect(same(5, { victim: { kind: 'autoencoder' } })).toBeUndefined();
    expect(severityOf('one-class')).toBeUndefined();
    const unlabelled = right(5, 20).map((one, i) => ({ ...one, ...(i >= 5 && { label: undefined }) }));
    expect(findingOf('one-class', {}, unlabelled)?.message).toContain('All 5 samples are of class 1');
    const several = (labels: (i: number) => number[]) =>
      findingOf(
        'one-class',
        { victim: { multiLabel: true } },
        right(9, 9).map((one, i) => ({ ...one, label: undefined, labels: labels(i) })),
      )?.message;
    expect(several(() => [1, 3])).toContain('All 9 samples are of labels {1, 3}');
    expect(several((i) => (i === 4 ? [1] : [1, 3]))).toBeUndefined();
  });

  it('are those that use next to nothing of the bounds', () => {
    const unused = (range: [number, number], of: [number, number]) =>
      findingOf('unused-bounds', { victim: { bounds: of, examination: { samples: 8, range } } })?.message;
    expect(unused([0, 1], [0, 255])).toContain('between 0 and 1, the bounds are [0, 255]');
    expect(unused([0, 0.02], [0, 1])).toBeUndefined();
    expect(unused([0.5, 0.519], [0, 1])).toBeDefined();
    expect(unused([0.1, 0.135], [-1, 1])).toBeDefined();
  });
});
