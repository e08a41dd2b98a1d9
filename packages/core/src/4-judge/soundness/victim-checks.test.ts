import { describe, expect, it } from 'vitest';
import type { Examination, Outcome } from '@gauntlet/api';
import { eightBits } from '../../victims/estimate-radius.js';
import { estimatedBy } from '../../victims/estimated-gradient.js';
import { allHeld, cellOf, findingOf, type Given, severityOf } from '../evidence.test-support.js';

const seen = (examination: Partial<Examination>, victim: Given['victim'] = {}): Given['victim'] => ({
  examination: { samples: 8, range: [0, 1], ...examination },
  ...victim,
});
const unguided: Given['cell'] = { usesGradients: false };

describe('a victim', () => {
  it('that could not be examined is no evidence, and says why', () => {
    const victim = seen({ error: 'model v1.2 has no memory.' });
    expect(findingOf('not-examined', { victim })?.message).toContain(
      'before the attack: model v1.2 has no memory. Whether',
    );
    expect(findingOf('not-examined', { victim: seen({}) })).toBeUndefined();
    expect(findingOf('not-examined')).toBeUndefined();
  });

  it('with randomness is told what it lacks, and only that', () => {
    const lacks = (victim: Given['victim'], cell: Given['cell'] = {}) =>
      findingOf('not-deterministic', { victim: seen({ repeat: 0.1 }, victim), cell })?.message;
    expect(lacks({})).toMatch(
      /the same 8 samples differ by up to 10 % .* give it repeats.* and gradients: \{ eot/,
    );
    expect(lacks({ eot: 8 })).toMatch(/give it repeats: 10 \([^)]*\)\.$/);
    expect(lacks({ repeats: { draws: 10, share: 0.5 } })).toMatch(
      /give it gradients: \{ eot: 8 \} \([^)]*\)\.$/,
    );
    expect(lacks({}, unguided)).toMatch(/give it repeats: 10 \([^)]*\)\.$/);
    expect(findingOf('not-deterministic', { victim: seen({}) })).toBeUndefined();
    expect(findingOf('not-deterministic')).toBeUndefined();
  });

  it('whose output depends on its neighbours says by how much', () => {
    expect(findingOf('depends-on-batch', { victim: seen({ alone: 0.02 }) })?.message).toContain('up to 2 %');
    expect(findingOf('depends-on-batch', { victim: seen({ alone: 5e-3 }) })).toBeUndefined();
    expect(findingOf('depends-on-batch', { victim: seen({ alone: 0.04, repeat: 0.01 }) })).toBeUndefined();
    expect(findingOf('depends-on-batch')).toBeUndefined();
  });

  it('without a gradient is told of losses where its attacks have them', () => {
    const said = (kind: 'classifier' | 'autoencoder') =>
      findingOf('zero-gradients', { victim: { kind } }, allHeld({ flat: true }))?.message;
    expect(said('classifier')).toContain(
      'no evidence. Attack with a loss that does not saturate (loss: margin)',
    );
    expect(said('autoencoder')).toContain('no evidence. Give a version of the model without rounding');
  });

  it.each([
    ['autoencoder', 0.019, 0.02, /^The model gives nearly the same for each of 8 samples \(.* 1\.9 % of/],
    ['encoder', 9e-6, 1e-5, /^The model gives nearly the same for each of 8 samples \(embeddings/],
  ] as const)('%s that always gives the same has collapsed', (kind, below, enough, says) => {
    const given = (variation?: number, expected?: Given['expected']) => ({
      victim: seen({ variation }, { kind }),
      expected: expected ?? [{ metric: 'asr', max: 0.5 }],
    });
    expect(findingOf('collapsed', given(below))?.message).toMatch(says);
    expect(severityOf('collapsed', given(below))).toBe('inconclusive');
    expect(severityOf('collapsed', given(below, [{ metric: 'asr', min: 0 }]))).toBe('warning');
    expect(findingOf('collapsed', given(enough))).toBeUndefined();
    expect(findingOf('collapsed', given())).toBeUndefined();
  });

  it('that has collapsed keeps its reconstruction error for nothing', () => {
    const outcomes = allHeld({ reconstructionError: 0.1, cleanReconstructionError: 0.1 });
    const severity = (metric: string, limit: object) =>
      severityOf(
        'collapsed',
        { victim: seen({ variation: 0 }, { kind: 'autoencoder' }), expected: [{ metric, ...limit }] },
        outcomes,
      );
    expect(severity('reconstructionDegradation', { max: 0.5 })).toBe('inconclusive');
    expect(severity('reconstructionError', { max: 0.5 })).toBe('inconclusive');
    expect(severity('cleanReconstructionError', { max: 0.5 })).toBe('warning');
  });

  it.each([
    ['double-softmax', (n: number) => ({ probabilities: n }), 'on 5 of 8 samples'],
    ['hard-labels', (n: number) => ({ hardLabels: n }), 'on 5 of 8 samples'],
  ] as const)('is %s if it is on more than half of its samples', (code, on, says) => {
    expect(findingOf(code, { victim: seen(on(4)) })).toBeUndefined();
    expect(findingOf(code, { victim: seen(on(5)) })?.message).toContain(says);
    expect(severityOf(code, { victim: seen(on(5)) })).toBe('inconclusive');
    expect(findingOf(code, { victim: seen(on(5)), cell: unguided })).toBeUndefined();
    expect(findingOf(code)).toBeUndefined();
  });

  it('of two classes gives scores, not decisions: they cannot be told apart', () => {
    expect(findingOf('hard-labels', { victim: seen({ hardLabels: 8 }, { classes: 2 }) })).toBeUndefined();
    expect(findingOf('hard-labels', { victim: seen({ hardLabels: 8 }, { classes: 3 }) })).toBeDefined();
  });

  it('that gives decisions leaves a search by scores nothing to go by', () => {
    const victim = seen({ hardLabels: 8 });
    const search = (progress: Outcome['progress'], forwards = 90, cell: Given['cell'] = {}) =>
      findingOf('hard-labels', { victim, cell: { ...unguided, ...cell } }, allHeld({ forwards, progress }, 8))
        ?.message;
    const same = { looks: 90, start: 69, late: 69, lateLooks: 9, end: 69 };
    expect(search(same)).toMatch(/answered every query alike on 8 of the 8 samples .* hop-skip-jump/);
    expect(search({ ...same, end: -1 })).toBeUndefined();
    // By decisions: most queries lie outside of epsilon.
    expect(search({ ...same, looks: 20 })).toBeUndefined();
    expect(search({ ...same, looks: 10 }, 10)).toBeUndefined();
    expect(search(same, 90, { use: 'noise' })).toBeUndefined();
    expect(search(same, 90, { threat: { kind: 'corruption', norm: 'none', epsilon: 0 } })).toBeUndefined();
  });

  it('with saturated logits is found where the loss is the cross-entropy, and the goal the usual one', () => {
    const saturated = (margin: number, loss: string, given: Given = {}) =>
      severityOf('saturated', {
        victim: seen({ margin }, given.victim),
        cell: { params: { loss }, ...given.cell },
      });
    expect([saturated(81, 'ce'), saturated(81, 'auto')]).toEqual(['inconclusive', 'inconclusive']);
    expect([saturated(80, 'ce'), saturated(81, 'margin')]).toEqual([undefined, undefined]);
    expect(saturated(81, 'ce', { cell: { criterion: { name: 'mine' } as never } })).toBeUndefined();
    expect(saturated(81, 'ce', { victim: { kind: 'autoencoder' } })).toBeUndefined();
    expect(severityOf('saturated', { cell: { params: { loss: 'ce' } } })).toBeUndefined();
    const found = findingOf('saturated', { victim: seen({ margin: 81 }), cell: { params: { loss: 'ce' } } });
    expect(found?.message).toContain('leads by 81 (median)');
  });

  it('whose gradient is not finite is found at the first sample', () => {
    expect(findingOf('gradient-not-finite', { victim: seen({ notFinite: 1 }) })?.message).toContain(
      'on 1 of 8 samples',
    );
    expect(findingOf('gradient-not-finite', { victim: seen({ notFinite: 0 }) })).toBeUndefined();
    expect(
      findingOf('gradient-not-finite', { victim: seen({ notFinite: 1 }), cell: unguided }),
    ).toBeUndefined();
    expect(findingOf('gradient-not-finite')).toBeUndefined();
  });

  it('whose gradient does not come true within a step is found by the median', () => {
    const shattered = (slopes: number[], cell: Given['cell'] = {}) =>
      findingOf('shattered-gradient', { victim: seen({ slopes, step: 0.01 }), cell })?.message;
    expect(shattered([1, 0.1, 0])).toBeUndefined();
    expect(shattered([1, 1, 0.09, 0, 0])).toContain(
      'on 5 samples, a step of 0.01 against the gradient does 9 % of what the gradient promises',
    );
    expect(shattered([0, 0.05, 1, 1, 0])).toContain('does 5 %');
    expect(shattered([-0.1])).toContain('does 0 %');
    expect(shattered([-0.2])).toContain('(0.01) makes the victim surer of the label');
    expect(shattered([0], unguided)).toBeUndefined();
    expect(shattered([])).toBeUndefined();
    expect(findingOf('shattered-gradient')).toBeUndefined();
  });

  it('whose input is rounded is a hint with exact gradients, which may pass through, and no evidence with estimated ones', () => {
    const stepped = (
      examination: Partial<Examination>,
      victim: Given['victim'] = {},
      cell: Given['cell'] = {},
    ) => findingOf('stepped-input', { victim: seen(examination, victim), cell });
    expect(stepped({ stepped: 4 })).toBeUndefined();
    expect(stepped({ stepped: 5 })).toMatchObject({ severity: 'warning' });
    expect(stepped({ stepped: 5 })?.message).toMatch(/on 5 of 8 samples.* Attack it without the rounding/);
    const estimated = stepped({ stepped: 5 }, { gradients: estimatedBy(eightBits) });
    expect(stepped({ stepped: 5 }, { gradients: estimatedBy(8 * eightBits) })).toBeUndefined();
    expect(estimated).toMatchObject({ severity: 'inconclusive' });
    expect(estimated?.message).toContain('Estimated gradients are zero there');
    expect(stepped({ stepped: 5 }, { straightThrough: ['Round'] })).toBeUndefined();
    expect(stepped({ stepped: 5 }, {}, unguided)).toBeUndefined();
    // Decisions alone do not change under noise either; that is another finding.
    expect(stepped({ stepped: 5, hardLabels: 4 })).toBeDefined();
    expect(stepped({ stepped: 5, hardLabels: 5 })).toBeUndefined();
    expect(findingOf('stepped-input')).toBeUndefined();
  });

  it('with estimated gradients is doubted only where nothing at all was broken', () => {
    const victim = { gradients: 'estimated (NES)' };
    const some = allHeld().map((one, i) => ({ ...one, ...(i === 0 && { status: 'broken' as const }) }));
    expect(findingOf('estimated-alone', { victim })).toMatchObject({
      severity: 'inconclusive',
      message: expect.stringMatching(/^Estimated gradients broke nothing/) as string,
    });
    const search = (breaks: number) =>
      cellOf(
        allHeld({ forwards: 900 }).map((one, i) => ({
          ...one,
          ...(i < breaks && { status: 'broken' as const }),
        })),
        { use: 'square', usesGradients: false },
      );
    // A search that breaks more than chance does not agree.
    expect(severityOf('estimated-alone', { victim, siblings: [search(0)] })).toBeUndefined();
    expect(severityOf('estimated-alone', { victim, siblings: [search(9)] })).toBe('inconclusive');
    expect(severityOf('estimated-alone', { victim }, some)).toBeUndefined();
    expect(severityOf('estimated-alone', { victim }, allHeld({ status: 'skipped' }))).toBeUndefined();
    expect(severityOf('estimated-alone', { victim, cell: unguided })).toBeUndefined();
    expect(severityOf('estimated-alone')).toBeUndefined();
  });

  it('with a made up gradient is doubted where something held it', () => {
    const victim = { straightThrough: ['Round', 'Sign'] };
    const found = findingOf('straight-through-alone', { victim });
    expect(found?.message).toContain(
      '20 samples held an attack whose gradients pass straight through Round, Sign,',
    );
    expect(found?.samples).toHaveLength(20);
    expect(findingOf('straight-through-alone', { victim }, allHeld({ status: 'broken' }))).toBeUndefined();
    expect(findingOf('straight-through-alone', { victim, cell: unguided })).toBeUndefined();
    expect(findingOf('straight-through-alone')).toBeUndefined();
  });
});
