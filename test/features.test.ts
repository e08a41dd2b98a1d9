// Tables and sound: rows of numbers, features that may not change, and signal to noise.
import { describe, expect, it } from 'vitest';
import type { Report } from '@gauntlet/api';
import { findDefect } from '@gauntlet/core';
import { byDecisions, data, model, pixels, side } from './forms/classifier.js';
import { digitsModel, gauntlet, readReport, temporary, writeSpec } from './support/cli.js';

const folder = temporary('features');
const d = side * side;
let count = 0;

/** Rows of 16 numbers; class k where every third of them is largest. */
async function run(attacks: object[], threat: object | undefined, rest: object = {}) {
  const spec = writeSpec(
    folder,
    attacks,
    {
      victim: { name: 'rows', model: model({ dims: ['batch', d] }), kind: 'classifier', bounds: [0, 1] },
      dataset: data({ x: pixels(1) }, [d]),
      ...(threat && { threat }),
      ...rest,
    },
    `${count++}.robust.json`,
  );
  const output = `${folder}/out-${count}`;
  const result = await gauntlet('run', spec, '-j', '0', '--output', output);
  return { ...result, report: (): Report => readReport(output) };
}

describe('features that may not change', () => {
  const epsilon = 0.3;
  const attacks = [
    { use: 'pgd', params: { epsilon, steps: 10 } },
    { use: 'pgd', name: 'pgd l2', params: { norm: 'l2', epsilon: 1, steps: 10 } },
    { use: 'fgsm', params: { epsilon } },
    { use: 'apgd', params: { epsilon } },
    { use: 'fmn', params: { epsilon } },
    { use: 'deepfool' },
    { use: 'square', params: { epsilon, queries: 200 } },
    { use: 'noise', params: { epsilon, draws: 20 } },
    byDecisions,
  ];

  it('keep their value under every attack, which finds others; the referee has checked it', async () => {
    const { code, stderr, report } = await run(attacks, {
      immutable: [0, 1, 2, 3],
      bounds: { 5: [0, 0.61] },
    });
    expect([code, stderr]).toEqual([0, '']);
    for (const { attack, outcomes, threat, metrics } of report().cells) {
      expect(threat.features, attack).toEqual({ immutable: [0, 1, 2, 3], bounds: { 5: [0, 0.61] } });
      expect(
        outcomes.every(({ defect, l0 = 0 }) => !defect && l0 <= d - 4),
        attack,
      ).toBe(true);
      if (attack !== 'noise') expect(metrics.asr!.value, attack).toBeGreaterThan(0.5);
    }
  });

  it('leave an attack without a way where all that matters is fixed', async () => {
    const immutable = Array.from({ length: d - 1 }, (_, i) => i);
    const { report } = await run([attacks[0]], { immutable });
    expect(report().cells[0].metrics.asr!.value).toBe(0);
  });

  it('are held to by the referee, whatever an attack does', () => {
    const clean = Float32Array.of(0.2, 0.4, 0.6);
    const threat = { norm: 'linf', epsilon: 1 } as const;
    const of = (features: object) =>
      findDefect(clean, Float32Array.of(0.2, 0.5, 0.9), [0, 1], { ...threat, features });
    expect(of({ immutable: [0] })).toBeUndefined();
    expect(of({ immutable: [0, 1] })).toMatchObject({ kind: 'outside-features' });
    expect(of({ bounds: { 2: [0, 0.8] } })!.amount).toBeCloseTo(0.1);
    expect(of({ bounds: { 2: [0, 0.9] } })).toBeUndefined();
  });

  it.each<[string, object[], object, object, RegExp]>([
    [
      'a corruption',
      [{ use: 'transforms' }],
      { immutable: [0] },
      {},
      /transforms makes images as a whole and cannot leave/,
    ],
    [
      'bounds beyond the victim’s',
      [attacks[0]],
      { bounds: { 1: [0, 2] } },
      {},
      /go beyond those of rows, \[0, 1\]: widen/,
    ],
    ['bounds the wrong way round', [attacks[0]], { bounds: { 1: [0.5, 0.1] } }, {}, /the wrong way round/],
    [
      'bounds of a name',
      [attacks[0]],
      { bounds: { age: [0, 1] } },
      {},
      /by the positions of features.*"age" is none/,
    ],
    ['half a ball', [attacks[0]], { norm: 'l2' }, {}, /epsilon/],
    [
      'an autoencoder',
      [{ use: 'gaussian', params: { sigma: 0.1 } }],
      { immutable: [0] },
      { victim: { name: 'a', model: digitsModel, kind: 'autoencoder', bounds: [0, 1] } },
      /are for classifiers, and a is an autoencoder/,
    ],
  ])('are refused with what to do: %s', async (_, given, threat, rest, says) => {
    const { code, stderr } = await run(given, threat, rest);
    expect([code, stderr.replace(/\s+/g, ' ')]).toEqual([2, expect.stringMatching(says)]);
  });

  it.each([
    [{ immutable: [99] }, /names feature 99, and inputs have 16 \(0 to 15\)/],
    [{ bounds: { 16: [0, 1] } }, /names feature 16, and inputs have 16/],
    [{ immutable: [...Array(d).keys()] }, /leaves none of the 16 features to change/],
  ])('are refused before any attack where inputs have none such, %j', async (threat, says) => {
    const { code, stderr } = await run([attacks[0]], threat);
    expect([code, stderr]).toEqual([2, expect.stringMatching(says)]);
  });

  it('leave nothing assessed and say why where the data are outside of their bounds', async () => {
    const bounds = { 3: [0.9, 1] };
    const { code, report } = await run([{ ...attacks[0], expect: { asr: { max: 0.5 } } }], { bounds });
    expect(code).toBe(3);
    const says = /has 0\.\d+ at feature 3 before any attack, outside of its bounds \[0\.9, 1\]/;
    expect(report().cells[0].outcomes.every(({ reason }) => says.test(reason!))).toBe(true);
  });
});

describe('sound', () => {
  it('comes as rows, and its signal to noise is measured in dB', async () => {
    const { code, report } = await run(
      [{ use: 'pgd', params: { epsilon: 0.2, steps: 5 }, expect: { snr: { max: 40 } } }],
      undefined,
    );
    expect(code).toBe(0);
    const [{ outcomes, metrics }] = report().cells;
    const power = (i: number) =>
      pixels(1)
        .subarray(i * d, (i + 1) * d)
        .reduce((sum, value) => sum + value ** 2, 0);
    for (const { index, snr, l2 } of outcomes)
      expect(snr).toBeCloseTo(10 * Math.log10(power(index) / l2! ** 2), 4);
    expect(metrics.snr!.n).toBe(outcomes.filter(({ status }) => status === 'broken').length);
  });

  it('is taken by models of [n, 1, t] and [n, t, 1] as well', async () => {
    for (const dims of [
      ['batch', 1, d],
      ['batch', d, 1],
    ]) {
      const victim = { name: 'v', model: model({ dims }), kind: 'classifier', bounds: [0, 1] };
      const { code, stderr, report } = await run(
        [{ use: 'pgd', params: { epsilon: 0.2, steps: 5 } }],
        undefined,
        { victim },
      );
      expect([code, stderr]).toEqual([0, '']);
      expect(report().cells[0].metrics.asr!.value).toBe(1);
    }
  });
});
