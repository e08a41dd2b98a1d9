import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { defineMetric, type Evidence, type Outcome } from '@gauntlet/api';
import { builtInModules } from '@gauntlet/cli/built-in';
import { loadPlugin } from '@gauntlet/core';
import builtIn from '@gauntlet/core/metrics';
import { metricConformance } from '@gauntlet/testing';
import { inProcess, readReport, repository, temporary, writeSpec } from './support/cli.js';

const file = path.join(repository, 'examples/plugins/metric/worst-class.mjs');
const worstClass = await loadPlugin('metric', { url: pathToFileURL(file).href });
const params = { type: 'object', additionalProperties: false, properties: {} } as const;

describe('the kit', () => {
  for (const metric of [...builtIn, worstClass])
    for (const { name, run } of metricConformance({ metric })) it(name, run);

  const count = (outcomes: readonly Outcome[]): Evidence => ({ rate: [0, outcomes.length] });
  const impostors: [string, (outcomes: readonly Outcome[]) => Evidence, string][] = [
    ['counts the unassessed', count, 'counts no sample that nothing can be said of'],
    ['sees evidence in nothing', () => ({ rate: [0, 1] }), 'takes nothing for evidence where there is none'],
    [
      'looks at the order',
      (all) => ({ values: all.slice(0, 2).map(({ index }) => index) }),
      'gives the same again',
    ],
    ['measures nothing', () => ({ values: [] }), 'finds evidence for one kind of victim at least'],
    ['is random', () => ({ values: [Math.random()] }), 'gives the same again'],
  ];
  for (const [name, measure, what] of impostors) {
    it(`fails a metric that ${name}`, async () => {
      const metric = defineMetric({ name: 'x', version: 1, description: name, params, measure });
      const failed: string[] = [];
      for (const one of metricConformance({ metric })) await one.run().catch(() => failed.push(one.name));
      expect(failed).toContainEqual(expect.stringContaining(what));
    });
  }
});

const modules = builtInModules;
const run = async (metrics: unknown, expectations: object, from = modules) => {
  const folder = temporary('metric');
  const attack = { use: 'noise', params: { epsilon: 0.3 }, expect: expectations };
  const spec = writeSpec(folder, [attack], { metrics });
  const output = path.join(folder, 'out');
  const args = ['run', spec, '-j', '0', '--output', output];
  const result = await inProcess(args, { cwd: folder, modules: from });
  return { ...result, report: () => readReport(output) };
};

describe('a metric of one’s own', () => {
  it('is measured, expected to keep within limits and reported, under the name that the spec gives it', async () => {
    const passing = await run([{ use: file, params: { atLeast: 1 } }], { 'asr.worstClass': { max: 1 } });
    expect(passing.code).toBe(0);
    const [cell] = passing.report().cells;
    expect(cell.metrics['asr.worstClass']!.value).toBeGreaterThanOrEqual(cell.metrics.asr!.value!);
    const named = await run([{ use: file, name: 'worst', params: { atLeast: 1 } }], { worst: { max: -1 } });
    expect(named.code).toBe(1);
    expect(named.stdout).toContain('worst is ');
    expect(named.report().cells[0].metrics).not.toHaveProperty('asr.worstClass');
  });

  it('is inconclusive where it has no evidence', async () => {
    const { code, stdout } = await run([{ use: file, params: { atLeast: 1000 } }], {
      'asr.worstClass': { max: 1 },
    });
    expect(code).toBe(3);
    expect(stdout).toContain('asr.worstClass: no sample says anything about it');
  });

  it('is inconclusive where it breaks, and the rest of the report is there', async () => {
    const broken = path.join(temporary('broken'), 'broken.mjs');
    writeFileSync(
      broken,
      `import { defineMetric } from '${import.meta.resolve('@gauntlet/api')}';
export default defineMetric({ name: 'broken', version: 1, description: 'Throws',
  params: { type: 'object', additionalProperties: false, properties: {} },
  measure: ([one]) => ({ values: [one.nothing.there] }) });`,
    );
    const { code, stdout, report } = await run([broken], { broken: { max: 1 } });
    expect(code).toBe(3);
    expect(stdout).toContain('broken cannot be measured: Cannot read properties of undefined');
    expect(report().cells[0].metrics.asr!.n).toBeGreaterThan(0);
  });

  it('is refused by name and place', async () => {
    const wrong = async (metrics: unknown, expectations = {}) => (await run(metrics, expectations)).stderr;
    expect(await wrong(['asrr'])).toMatch(/:\d+:\d+: There is no plugin "asrr"\. Did you mean "asr"\?/);
    expect(await wrong(['asr'])).toMatch(/There is a metric "asr" already\. Give this one a "name"/);
    expect(await wrong([{ use: file, params: { atMost: 1 } }])).toMatch(/no option "atMost"/);
    expect(await wrong([file], { 'asr.worstClas': { max: 1 } })).toMatch(
      /:\d+:\d+: There is no metric "asr\.worstClas"\. Did you mean "asr\.worstClass"\?/,
    );
    expect(await wrong([], { __proto__x: { max: 1 }, constructor: { max: 1 } })).toMatch(
      /There is no metric "constructor"/,
    );
    expect(await wrong(['@gauntlet/attacks-standard#pgd'])).toMatch(
      /of kind attack; needed here is one of kind metric/,
    );
  });
});

describe('a built-in metric whose line is deleted', () => {
  it('is gone from specs, reports and list', async () => {
    const without = pathToFileURL(path.join(import.meta.dirname, 'fixtures/without-linf.mjs')).href;
    const others = modules.map((url) => (url.includes('metrics') ? without : url));
    const cwd = temporary('without');
    expect((await inProcess(['list', 'metrics'], { cwd })).stdout).toContain('linf: ');
    expect((await inProcess(['list', 'metrics'], { cwd, modules: others })).stdout).not.toContain('linf: ');
    expect((await run(undefined, { linf: { max: 1 } }, others)).stderr).toContain(
      'There is no metric "linf"',
    );
    const { report } = await run(undefined, { asr: { max: 1 } }, others);
    expect(report().cells[0].metrics).not.toHaveProperty('linf');
  });
});
