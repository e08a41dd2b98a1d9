import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '@gauntlet/api';
import { readReport as readChecked } from '@gauntlet/core';
import { digitsModel, gauntlet, readReport, repository, temporary, writeSpec } from './support/cli.js';

const folder = temporary('corruptions');
const beyond = path.join(repository, 'test/fixtures/beyond-corruption.mjs');
const victim = { name: 'digits', model: digitsModel, kind: 'classifier', bounds: [0, 1] };
const run = async (name: string, attacks: object[], rest: object = {}) => {
  const dataset = { format: 'plugin', use: 'digits', take: 12 };
  const spec = writeSpec(folder, attacks, { victim, dataset, ...rest }, `${name}.robust.json`);
  const out = path.join(folder, name);
  return { ...(await gauntlet('run', spec, '-j', '0', '--output', out)), out };
};
const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

describe('corruptions', () => {
  const kinds = ['gaussian-noise', 'glass-blur', 'fog', 'jpeg-compression'];
  const attack = { use: 'corruptions', params: { kinds, severities: [1, 5] } };

  it('are measured over all samples, with mCE, accuracy by severity and a curve on the page', async () => {
    const { code, out, stdout } = await run('measured', [{ ...attack, expect: { mCE: { max: 0.999 } } }]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('pass')]);
    const [cell] = readReport(out).cells;
    expect(cell.threat).toEqual({
      kind: 'corruption',
      norm: 'none',
      epsilon: 0,
      family: 'gaussian-noise, glass-blur, fog, jpeg-compression at severities 1, 5',
    });
    expect(cell.outcomes).toHaveLength(12);
    const errors = cell.outcomes.map(({ corrupted, label }) => {
      expect(Object.keys(corrupted!)).toEqual(kinds);
      return mean(
        Object.values(corrupted!).map((levels) => {
          expect(Object.keys(levels)).toEqual(['1', '5']);
          return mean(Object.values(levels).map((one) => Number(one !== label)));
        }),
      );
    });
    expect(cell.metrics.mCE).toMatchObject({ n: 12 });
    expect(cell.metrics.mCE!.value).toBeCloseTo(mean(errors), 9);
    const accuracy = (severity: 1 | 5) => cell.metrics[`corruptionAccuracy.severity${severity}`]!.value!;
    expect((accuracy(1) + accuracy(5)) / 2).toBeCloseTo(1 - mean(errors), 9);
    expect(cell.metrics['corruptionAccuracy.severity3']).toBeUndefined();
    for (const { status, corrupted, label } of cell.outcomes) {
      const wrong = Object.values(corrupted!).flatMap((levels) => Object.values(levels));
      if (status === 'broken') expect(wrong.some((one) => one !== label)).toBe(true);
      if (status === 'held') expect(wrong.every((one) => one === label)).toBe(true);
    }
    const page = readFileSync(path.join(out, 'report.html'), 'utf8');
    expect(page).toContain('Accuracy by severity');
    // On the victim's card beside the worst of all, and which corruption it was on each picture.
    expect(page).toMatch(/class="card[\s\S]*corruptions: mCE \d+\.\d % of 12 samples/);
    expect(page).toMatch(/broken by [a-z-]+ [15]</);
    expect(page).not.toMatch(/\b0 gradients/);
    expect(stdout).toMatch(
      /digits\/corruptions: mCE \d+\.\d % of 12 samples; accuracy by severity 1: .*, 5: /,
    );
    expect(page).toContain('glass-blur');
    const schema = path.join(repository, 'packages/reporters/schema/report.schema.json');
    const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(schema, 'utf8')) as object);
    expect([validate(readReport(out)), validate.errors]).toEqual([true, null]);
    expect(readChecked(path.join(out, 'report.json')).verdict).toBe('pass');
  });

  it('are the same whatever the samples beside them', async () => {
    const few = await run('few', [attack], { dataset: { format: 'plugin', use: 'digits', take: 5 } });
    const all = readReport(path.join(folder, 'measured')).cells[0].outcomes;
    const same = ({ index, status, linf, corrupted, stage }: Outcome) => ({
      index,
      status,
      linf,
      corrupted,
      stage,
    });
    expect(readReport(few.out).cells[0].outcomes.map(same)).toEqual(all.slice(0, 5).map(same));
  });
});

describe('the referee', () => {
  const params = { rotation: 20, translation: 0, points: 3 };
  const cellOf = async (name: string) => {
    const { out, code } = await run(name, [
      { use: `${beyond}#${name}`, name, params, expect: { asr: { max: 0.999 } } },
    ]);
    const [cell] = readReport(out).cells;
    return { code, cell, kinds: cell.outcomes.map(({ defect }) => defect?.kind) };
  };

  it('makes each image again, and takes none that the corruption does not make', async () => {
    const { code, cell, kinds } = await cellOf('goes-on');
    expect(code).toBe(3);
    expect(kinds.filter(Boolean)).toEqual(['outside-family']);
    expect(cell.findings[0]).toMatchObject({ code: 'attack-defect', severity: 'inconclusive' });
    expect(cell.findings[0].message).toMatch(/is outside-family by 0\.01/);
  });

  it('refuses an image that leaves the bounds', async () => {
    expect((await cellOf('leaves-the-box')).kinds.filter(Boolean)).toEqual(['outside-box']);
  });

  it('refuses one that is made with another setting than the one that is named', async () => {
    expect((await cellOf('names-another')).kinds[0]).toBe('outside-family');
    expect((await cellOf('names-none')).kinds[0]).toBe('outside-family');
  });

  it('holds nothing to a corruption that the attack does not have', async () => {
    const spec = writeSpec(
      folder,
      [{ use: `${beyond}#has-no-family`, params }],
      { victim },
      'none.robust.json',
    );
    const { code, stderr } = await gauntlet('validate', spec);
    expect([code, stderr]).toEqual([2, expect.stringContaining('would not know what to hold its images to')]);
  });
});

describe('a worst case', () => {
  const attacks = [
    { use: 'fgsm', params: { epsilon: 0.1 } },
    { use: 'transforms', params: { rotation: 10, translation: 0, points: 3 } },
  ];
  const complaint = async (expectation: object) => {
    const spec = writeSpec(
      folder,
      attacks,
      { victim: { ...victim, expect: expectation } },
      'worst.robust.json',
    );
    const { code, stderr } = await gauntlet('validate', spec);
    return code === 0 ? '' : stderr;
  };

  it('over a norm and a corruption is refused, and each is to be had by itself', async () => {
    expect(await complaint({ asr: { max: 0.5 } })).toMatch(
      /differ in their threat model \(fgsm: linf 0\.1, transforms: rotation ±10° in 3 points each\)/,
    );
    expect(await complaint({ kind: 'corruption', asr: { max: 0.5 } })).toBe('');
    expect(await complaint({ norm: 'linf', asr: { max: 0.5 } })).toBe('');
    expect(await complaint({ norm: 'none', asr: { max: 0.5 } })).toMatch(
      /No attack of the spec has norm none/,
    );
  });
});

describe('parameters of transforms', () => {
  it.each([
    [{ points: 4 }, 'Take 5.'],
    [{ rotation: 0, translation: 0 }, 'Every range is 0'],
    [{ scale: 0.1, brightness: 0.1, contrast: 0.1, points: 9 }, 'The grid has 531441 points'],
  ])('%j are refused with what to do', async (params, expected) => {
    const spec = writeSpec(folder, [{ use: 'transforms', params }], { victim }, 'grid.robust.json');
    const { code, stderr } = await gauntlet('validate', spec);
    expect([code, stderr]).toEqual([2, expect.stringContaining(expected)]);
  });
});
