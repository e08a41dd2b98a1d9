import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadPlugin } from '@gauntlet/core';
import { estimatorConformance } from '@gauntlet/testing';
import builtIn from '@gauntlet/mutual-information';
import { gauntlet, readReport, repository, temporary, writeSpec } from './support/cli.js';

const file = path.join(repository, 'examples/plugins/estimator/correlation.mjs');
const correlation = await loadPlugin('estimator', { url: pathToFileURL(file).href });

describe('the kit', () => {
  for (const estimator of [...builtIn, correlation])
    for (const { name, run } of estimatorConformance({ estimator })) it(name, run);

  it('fails an estimator that measures over the whole batch', async () => {
    const open = () => ({
      name: 'mean',
      estimate: ({ n }: { n: number }, { data }: { data: Float32Array }) =>
        new Float64Array(n).fill(data.reduce((a, b) => a + b, 0) / n),
    });
    const failed: string[] = [];
    for (const { name, run } of estimatorConformance({ estimator: { ...correlation, name: 'mean', open } }))
      await run().catch(() => failed.push(name));
    expect(failed).toContain('mean: does not depend on the other samples of the batch');
  });
});

describe('the estimator of a spec', () => {
  const attacks = [{ use: 'pgd', params: { epsilon: 0.3, steps: 5 }, expect: { asr: { min: 0.1 } } }];
  const run = async (estimator: unknown) => {
    const folder = temporary('estimator');
    const spec = writeSpec(folder, attacks, { estimator });
    const result = await gauntlet('run', spec, '-j', '0', '--output', path.join(folder, 'out'));
    return { ...result, report: () => readReport(path.join(folder, 'out')) };
  };

  it('measures mutual information, and is named in the report', async () => {
    const standard = (await run(undefined)).report();
    const own = (await run({ use: file, params: { ridge: 0.5 } })).report();
    expect(standard.yardstick).toMatch(/^Gaussian estimate/);
    expect(own.yardstick).toBe('correlation of features, ridge 0.5, in nats');
    // −½ ln(1 − (1 − ridge)), of an image with itself.
    const broken = own.cells[0].outcomes.filter(({ status }) => status === 'broken');
    expect(broken.map(({ miSelf }) => miSelf)).toEqual(broken.map(() => expect.closeTo(0.5 * Math.LN2, 6)));
    expect(own.cells[0].key).not.toBe(standard.cells[0].key);
    // A second yardstick, which does not depend on the estimator.
    const ssim = (report: typeof own) => report.cells[0].metrics.ssim!;
    expect(ssim(own)).toEqual(ssim(standard));
    expect(ssim(own).n).toBe(broken.length);
    expect(ssim(own).value).toBeGreaterThan(0.2);
    expect(ssim(own).value).toBeLessThan(0.95);
    expect(standard.yardstick).toContain('a score of similarity, whose scale λ 0.01 sets');
  });

  it('shows SSIM beside it in a comparison and in every table', async () => {
    const folder = temporary('ssim');
    const params = { epsilon: 0.3, steps: 5 };
    const spec = writeSpec(folder, [
      { use: 'pgd', params },
      { use: 'fgsm', params: { epsilon: 0.3 } },
    ]);
    const out = path.join(folder, 'out');
    const { stderr } = await gauntlet(
      'run',
      spec,
      '-j',
      '0',
      '--output',
      out,
      '--reporter',
      'json,markdown,html',
    );
    expect(stderr).toBe('');
    const { stdout } = await gauntlet('compare', out);
    expect(stdout).toMatch(/MI +│ SSIM +│ L2/);
    expect(readFileSync(path.join(out, 'report.md'), 'utf8')).toMatch(/\| MI \| SSIM \| L2 \|/);
    expect(readFileSync(path.join(out, 'report.html'), 'utf8')).toContain('no attack here optimises it');
  });

  it('is refused by name and place', async () => {
    const wrong = async (estimator: unknown) => (await run(estimator)).stderr;
    expect(await wrong('gausian')).toMatch(
      /:\d+:\d+: There is no plugin "gausian"\. Did you mean "gaussian"\?/,
    );
    expect(await wrong({ use: file, params: { rigde: 1 } })).toMatch(/"rigde".* Did you mean "ridge"\?/);
    expect(await wrong('@gauntlet/attacks-uae#gaussian')).toMatch(
      /of kind attack; needed here is one of kind estimator/,
    );
  });

  it('leaves samples unassessed that it has no number for', async () => {
    const broken = path.join(temporary('broken'), 'broken.mjs');
    const api = path.join(repository, 'packages/api/src/index.ts');
    writeFileSync(
      broken,
      `import { defineEstimator } from '${api}';
export default defineEstimator({ name: 'broken', version: 1, description: 'Gives no number',
  params: { type: 'object', additionalProperties: false, properties: {} },
  open: () => ({ name: 'broken', estimate: ({ n }) => new Float64Array(n).fill(NaN) }) });`,
    );
    const { code, report } = await run(broken);
    expect(code).toBe(3);
    expect(report().cells[0].findings[0].message).toMatch(/could not be measured \(broken\): it gave NaN/);
  });
});
