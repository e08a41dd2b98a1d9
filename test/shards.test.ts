import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '@gauntlet/api';
import { gauntlet, readReport, temporary, timeless, writeSpec } from './support/cli.js';

const attacks = [
  { use: 'noise', params: { epsilon: 0.1 }, expect: { asr: { max: 0.5 } } },
  { use: 'pgd', params: { epsilon: 0.1, steps: 5, restarts: 1 }, expect: { asr: { max: 0 } } },
  { use: 'fgsm', params: { epsilon: 0.1 } },
];

describe('shards', () => {
  const folder = temporary('shards');
  const spec = writeSpec(folder, attacks, { dataset: { format: 'plugin', use: 'digits', take: 20 } });
  const out = (name: string) => path.join(folder, name);
  const run = (name: string, ...args: string[]) =>
    gauntlet('run', spec, '-j', '0', '--output', out(name), ...args);

  beforeAll(async () => {
    await run('whole');
    await run('first', '--shard', '1/2');
    await run('second', '--shard', '2/2');
  });

  it('merged are the report of the run in one piece, timings aside', async () => {
    expect(readReport(out('first')).cells.map(({ attack }) => attack)).toEqual(['noise', 'fgsm']);
    expect(readReport(out('second')).cells.map(({ attack }) => attack)).toEqual(['pgd']);
    const { code, stdout } = await gauntlet('merge', out('second'), out('first'), '--output', out('merged'));
    expect(code).toBe(1);
    expect(stdout).toContain('✗ fail');
    expect(timeless(readReport(out('merged')))).toEqual(timeless(readReport(out('whole'))));
    for (const part of ['pictures', 'cells'])
      expect(readdirSync(path.join(out('merged'), part))).toEqual(readdirSync(path.join(out('whole'), part)));
  });

  it('by cost share the seconds of an earlier run, and are merged like others', async () => {
    const report = readReport(out('whole'));
    for (const { attack, outcomes, metrics } of report.cells) {
      for (const outcome of outcomes) outcome.seconds = attack === 'noise' ? 5 : 1;
      delete metrics.seconds;
    }
    writeFileSync(path.join(folder, 'costs.json'), JSON.stringify(report));
    const costs = ['--shard-costs', path.join(folder, 'costs.json')];
    await run('dear', '--shard', '1/2', ...costs);
    await run('cheap', '--shard', '2/2', ...costs);
    expect(readReport(out('dear')).cells.map(({ attack }) => attack)).toEqual(['noise']);
    expect(readReport(out('cheap')).cells.map(({ attack }) => attack)).toEqual(['pgd', 'fgsm']);
    await gauntlet('merge', out('dear'), out('cheap'), '--output', out('by-cost'));
    expect(timeless(readReport(out('by-cost')))).toEqual(timeless(readReport(out('whole'))));
    const { code, stderr } = await gauntlet('merge', out('dear'), out('second'), '--output', out('wrong'));
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/"digits\/fgsm" is in none of them.*--shard-costs/),
    ]);
  });

  it('are merged only if they belong together, all of them', async () => {
    const complaint = async (...runs: string[]) =>
      (await gauntlet('merge', ...runs.map(out), '--output', out('wrong'))).stderr;
    expect(await complaint('first')).toMatch(/There is no report of shard 2 of 2: run it with --shard 2\/2/);
    expect(await complaint('first', 'first', 'second')).toMatch(/There are 2 reports of shard 1 of 2/);
    expect(await complaint('whole')).toMatch(
      /whole\/report\.json \(shard\): its run was not one of several shards/,
    );
    await run('other', '--shard', '2/2', '--seed', '9');
    expect(await complaint('first', 'other')).toMatch(
      /other\/report\.json \(seed\) differs from .*first\/report\.json/,
    );
    await run('third', '--shard', '3/3');
    expect(await complaint('first', 'third')).toMatch(
      /third\/report\.json \(shard\.count\): it is one of 3 shards, .* one of 2/,
    );
  });

  it('have to be given as i/n, and to have a cell', async () => {
    for (const wrong of ['0/2', '3/2', '1', 'a/b'])
      expect((await run('wrong', '--shard', wrong)).stderr).toMatch(
        /--shard must be i\/n with i from 1 to n/,
      );
    const { code, stderr } = await run('wrong', '--shard', '4/4');
    expect([code, stderr]).toEqual([2, expect.stringContaining('Shard 4 of 4 has no cell: there are 3.')]);
  });

  it('--last-failed runs what did not pass, and all if everything did', async () => {
    await run('again');
    expect((await run('again', '--last-failed')).code).toBe(1);
    expect(readReport(out('again')).cells.map(({ attack }) => attack)).toEqual(['pgd']);
    const passing: Report = { ...readReport(out('whole')), verdict: 'pass' };
    for (const cell of passing.cells) Object.assign(cell, { verdict: 'pass', expectations: [] });
    writeFileSync(path.join(out('again'), 'report.json'), JSON.stringify(passing));
    await run('again', '--last-failed');
    expect(readReport(out('again')).cells).toHaveLength(3);
  });
});
