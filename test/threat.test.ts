import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { builtIn } from '@gauntlet/cli/built-in';
import { diffReports, loadSpec, mergeReports, withinBudget } from '@gauntlet/core';
import { gauntlet, readReport, repository, temporary, writeSpec } from './support/cli.js';

describe('the threat model of a spec', () => {
  const folder = temporary('threat');
  const write = (threat: object, attacks: object[]) => writeSpec(folder, attacks, { threat });
  const run = async (epsilon: number) => {
    const spec = write({ norm: 'l2', epsilon }, [
      { use: 'minmax', params: { epsilon: 0.3, iterations: 20 }, expect: { asr: { max: 0.99 } } },
      { use: 'noise', params: { epsilon: 0.003 }, expect: { asr: { max: 0.5 } } },
    ]);
    const out = path.join(folder, `out-${epsilon}`);
    const result = await gauntlet('run', spec, '-j', '0', '--output', out);
    return { ...result, report: readReport(out) };
  };

  it('makes a cell inconclusive whose samples are outside, by name and amount, and breaks nothing', async () => {
    const { code, stdout, report } = await run(0.1);
    expect(code).toBe(3);
    const [minmax, noise] = report.cells;
    expect(minmax.threat).toMatchObject({
      norm: 'linf',
      epsilon: 0.3,
      also: { norm: 'l2', epsilon: 0.1 },
    });
    expect(minmax.verdict).toBe('inconclusive');
    const attacked = minmax.outcomes.filter(({ status }) => status !== 'skipped');
    expect(attacked.map(({ status, defect }) => [status, defect?.kind])).toEqual(
      attacked.map(() => ['unassessed', 'outside-epsilon']),
    );
    const message =
      /The attack left the threat model \(linf ≤ 0\.3, and l2 ≤ 0\.1 by the spec\) on \d+ samples?: sample \d+ is outside-epsilon by \d/;
    expect(minmax.findings[0].message).toMatch(message);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(message);
    expect(noise.verdict).toBe('pass');
    const schema = path.join(repository, 'packages/reporters/schema/report.schema.json');
    const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(schema, 'utf8')) as object);
    expect([validate(report), validate.errors]).toEqual([true, null]);

    const { report: other } = await run(0.2);
    expect(other.cells.map(({ key }) => key)).not.toContain(noise.key);
    const { cells } = diffReports(report, other, 'before', { tolerance: 0 });
    expect(cells[1]).toMatchObject({
      verdict: 'inconclusive',
      message: expect.stringContaining('the threat model of the spec differs') as string,
    });
    const ids = report.cells.map(({ id }) => id);
    const shards = [report, other].map((one, i) => ({
      file: `${i + 1}.json`,
      report: { ...one, shard: { index: i + 1, count: 2, cells: ids } },
    }));
    expect(() => mergeReports(shards)).toThrow(
      /2\.json \(the threat model of the spec\) differs from 1\.json/,
    );
  });

  it('binds an attack that is told its budget, too', async () => {
    const also = { norm: 'l2', epsilon: 1 };
    const file = write(also, [{ use: 'pgd', params: { epsilon: 0.1 } }]);
    const spec = await loadSpec(file, { builtIn: await builtIn() });
    const { attacks } = await withinBudget(spec, { forwards: 10, gradients: 10 });
    expect(attacks[0].threat).toMatchObject({ norm: 'linf', epsilon: 0.1, also });
  });

  it('refuses an attack that is allowed more in the same norm, at its place', async () => {
    const complaint = async (attack: object) => {
      const spec = write({ norm: 'linf', epsilon: 0.1 }, [{ use: 'pgd', ...attack }]);
      const { code, stderr } = await gauntlet('validate', spec);
      expect(code).toBe(2);
      return stderr;
    };
    const message =
      /test\.robust\.json:\d+:\d+.*The attack may go to linf 0\.2, the spec's threat model ends at linf 0\.1\. Give the attack an "epsilon" of at most 0\.1\. \[spec-invalid\]\n$/;
    expect(await complaint({ params: { epsilon: 0.2 } })).toMatch(message);
    expect(await complaint({ sweep: { epsilon: [0.05, 0.2] } })).toMatch(message);
    const fits = write({ norm: 'linf', epsilon: 0.1 }, [{ use: 'pgd', params: { epsilon: 0.1 } }]);
    expect((await gauntlet('validate', fits)).code).toBe(0);
    const none = write({ norm: 'none', epsilon: 0.1 }, [{ use: 'pgd', params: { epsilon: 0.1 } }]);
    expect((await gauntlet('validate', none)).stderr).toMatch(/"norm" must be/);
  });
});
