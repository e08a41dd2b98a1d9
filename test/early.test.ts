import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { digitsModel, gauntlet, readReport, temporary, timeless, writeSpec } from './support/cli.js';

const folder = temporary('early');
const dataset = { format: 'plugin', use: 'digits', take: 120 };
const limit = { asr: { max: 0.2, confidence: 0.95 } };
const attacks = [
  { use: 'noise', params: { epsilon: 0.01 }, expect: limit },
  { use: 'fgsm', params: { epsilon: 0.3 }, expect: { robustAccuracy: { min: 0.9, confidence: 0.95 } } },
  { name: 'whole', use: 'noise', params: { epsilon: 0.02 }, expect: { ...limit, l2: { min: 0 } } },
];
const spec = writeSpec(folder, attacks, { dataset, gate: 'early' });

async function run(name: string, file = spec, ...args: string[]) {
  const output = path.join(folder, name);
  const { stderr, stdout } = await gauntlet('run', file, '--output', output, '-j', '0', ...args);
  expect(stderr).toBe('');
  return { output, stdout, report: readReport(output) };
}

describe('gate: early', () => {
  it('ends a cell once its expectation is decided, and says what it saved', async () => {
    const { report, stdout } = await run('one');
    const [held, broken, whole] = report.cells;
    for (const { early, outcomes } of [held, broken]) {
      expect(early!.samples).toBeGreaterThan(1);
      expect(early!.samples + early!.saved).toBe(120);
      const rest = outcomes.slice(early!.samples);
      expect(rest.every(({ reason }) => reason === 'what is expected was decided before it')).toBe(true);
      expect(outcomes.slice(0, early!.samples).every(({ status }) => status !== 'unassessed')).toBe(true);
    }
    expect(held.verdict).toBe('pass');
    expect(broken.verdict).toBe('fail');
    expect(held.expectations[0].message).toMatch(/at most 0\.2 with 95 % confidence at any time\.$/);
    // One more sample would be needed without the last.
    const [low, high] = held.expectations[0].measured.interval!;
    expect([low, high < 0.2]).toEqual([0, true]);
    expect(stdout).toContain(`digits/noise: decided after ${held.early!.samples} of 120 samples`);
    // A length of a perturbation is no rate, so its cell is for all samples.
    expect(whole.early).toBeUndefined();
    expect(whole.metrics.asr!.n).toBeGreaterThan(100);
  });

  it('comes to the same end in other batches, after an interruption and from whole cells', async () => {
    const { report } = await run('again');
    const sevens = await run('sevens', spec, '--batch-size', '7');
    expect(timeless(sevens.report)).toEqual(timeless(report));
    const resumed = await run('again', spec, '--resume');
    expect(timeless(resumed.report)).toEqual(timeless(report));
    const all = writeSpec(folder, attacks, { dataset }, 'all.robust.json');
    const name = 'whole';
    const first = await run(name, all);
    expect(first.report.cells[0].early).toBeUndefined();
    const then = path.join(folder, name);
    const cached = await gauntlet('run', spec, '--output', then, '-j', '0');
    expect(cached.stdout).toContain('reused: 3 of 3');
    expect(timeless({ ...readReport(then), spec: report.spec })).toEqual(timeless(report));
  });

  it('is believed of a report only where its samples say so', async () => {
    const { output, report } = await run('forged');
    const { early } = report.cells[0];
    early!.samples++;
    early!.saved--;
    writeFileSync(path.join(output, 'report.json'), JSON.stringify(report));
    const { code, stderr } = await gauntlet('compare', path.join(output, 'report.json'));
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/cells\[0\]\.early: its 120 outcomes are not decided/),
    ]);
  });

  it('is refused where it decides nothing, and where all attacks count together', async () => {
    const refused = async (its: object[], victim: object = {}) => {
      const rest = { victim: { model: digitsModel, kind: 'classifier', bounds: [0, 1], ...victim } };
      const file = writeSpec(folder, its, { ...rest, gate: 'early' }, 'refused.robust.json');
      const { code, stderr } = await gauntlet('validate', file);
      expect(code).toBe(2);
      return stderr;
    };
    const point = { use: 'noise', params: { epsilon: 0.01 }, expect: { asr: { max: 0.2 } } };
    expect(await refused([point])).toMatch(/"early" decides rates .* at their confidence, and no attack/);
    expect(await refused([attacks[0]], { expect: { asr: { max: 0.5 } } })).toMatch(/needs every sample/);
  });
});
