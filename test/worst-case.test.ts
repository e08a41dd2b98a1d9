import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readReport as readChecked } from '@gauntlet/core';
import { digitsModel, gauntlet, readReport, temporary, timeless, writeSpec } from './support/cli.js';

const epsilon = 0.1;
const attacks = [
  { use: 'fgsm', params: { epsilon } },
  { use: 'pgd', params: { epsilon, steps: 5, restarts: 1 } },
];
const folder = temporary('worst-case');
const specOf = (expectation: object, all: object[] = attacks) =>
  writeSpec(folder, all as never, {
    victim: { name: 'digits', model: digitsModel, kind: 'classifier', bounds: [0, 1], expect: expectation },
    dataset: { format: 'plugin', use: 'digits', take: 20 },
  });
const out = (name: string) => path.join(folder, name);
const run = (spec: string, name: string, ...args: string[]) =>
  gauntlet('run', spec, '-j', '0', '--output', out(name), ...args);

describe('an expectation of a victim', () => {
  it('fails the build where all attacks together break too much, and says so everywhere', async () => {
    const { code, stdout } = await run(specOf({ robustAccuracy: { min: 0.99 } }), 'fails');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /✗ fail digits: worst case \(linf ≤ 0\.1\)\n {2}robustAccuracy is .* too little\./,
    );
    const report = readReport(out('fails'));
    expect(report.cells.map(({ verdict }) => verdict)).toEqual(['measured', 'measured']);
    const broken = (index: number) =>
      report.cells.some(({ outcomes }) => outcomes[index].prediction !== outcomes[index].label);
    const right = [...Array(20).keys()].filter((index) => !broken(index)).length;
    const [{ expectations, cells }] = report.worstCases!;
    expect(expectations[0].measured).toMatchObject({ value: right / 20, n: 20 });
    expect(cells).toEqual(['digits/fgsm', 'digits/pgd']);
    expect(readFileSync(path.join(out('fails'), 'junit.xml'), 'utf8')).toMatch(
      /name="digits: worst case \(linf ≤ 0\.1\): robustAccuracy ≥ 0\.99"[^>]*>\s*<failure/,
    );
    expect(readFileSync(path.join(out('fails'), 'report.html'), 'utf8')).toContain('Worst case of 2 attacks');
  });

  it('is refused where the attacks differ in their threat model, unless it says which is meant', async () => {
    const mixed = [...attacks, { use: 'pgd', name: 'l2', params: { norm: 'l2', epsilon: 1, steps: 5 } }];
    const complaint = async (expectation: object) =>
      (await gauntlet('validate', specOf(expectation, mixed))).stderr;
    expect(await complaint({ asr: { max: 0.5 } })).toMatch(
      /The attacks differ in their threat model \(fgsm: linf 0\.1, pgd: linf 0\.1, l2: l2 1\).*Write "norm" and "epsilon"/,
    );
    expect(await complaint({ norm: 'l2', epsilon: 2, asr: { max: 0.5 } })).toMatch(
      /No attack of the spec has norm l2 and epsilon 2\. There are: fgsm: linf 0\.1/,
    );
    expect(await complaint({ norm: 'linf', target: 3, asr: { max: 0.5 } })).toMatch(
      /There is no option "target"/,
    );
    const several = [
      { norm: 'linf', asr: { max: 0.5 } },
      { norm: 'l2', asr: { max: 0.5 } },
    ];
    const { code } = await gauntlet('validate', specOf(several, mixed));
    expect(code).toBe(0);
    const aimed = [...attacks, { use: 'pgd', name: 'aimed', params: { epsilon, steps: 5, target: 'next' } }];
    expect((await gauntlet('validate', specOf({ asr: { max: 0.5 } }, aimed))).stderr).toContain(
      'another target or criterion',
    );
  });

  it('is inconclusive in a part of the run, and what it is of the whole once the parts are merged', async () => {
    const spec = specOf({ robustAccuracy: { min: 0.01 } });
    const whole = await run(spec, 'whole');
    const parts = [
      await run(spec, 'first', '--shard', '1/2'),
      await run(spec, 'second', '--shard', '2/2'),
      await run(spec, 'grep', '--grep', 'fgsm'),
    ];
    expect(parts.map(({ code }) => code)).toEqual([3, 3, 3]);
    expect(parts[0].stdout).toMatch(/This run lacks digits\/pgd, .* merge all shards\./);
    const merged = await gauntlet('merge', out('first'), out('second'), '--output', out('merged'));
    expect(merged.code).toBe(whole.code);
    expect(timeless(readReport(out('merged')))).toEqual(timeless(readReport(out('whole'))));
  });

  it('is judged again where a report is read', async () => {
    await run(specOf({ robustAccuracy: { min: 0.99 } }), 'read');
    const file = path.join(out('read'), 'report.json');
    expect(readChecked(file).verdict).toBe('fail');
    const report = readReport(out('read'));
    const [stated] = report.worstCases!;
    stated.verdict = stated.expectations[0].verdict = report.verdict = 'pass';
    writeFileSync(file, JSON.stringify(report));
    expect(() => readChecked(file)).toThrow(
      /worstCases\[0\]\.expectations\[0\]\.verdict: it says pass, but fail/,
    );
  });
});
