import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CellReport, Report, RunEvent } from '@gauntlet/api';
import { builtIn, packages } from '@gauntlet/cli/built-in';
import { inProcessHost, loadSpec, readReport, run } from '@gauntlet/core';
import { reportText } from '@gauntlet/reporters';
import { inProcess, temporary, writeSpec } from '../support/cli.js';
import { broken, healthy, type Setting } from './settings.js';

const host = inProcessHost();

/** The report of a run, which says the same when it is read and judged again. */
async function reportOf({ victim, dataset, attacks }: Setting, rest: object = {}): Promise<Report> {
  const folder = temporary('trust');
  const spec = await loadSpec(writeSpec(folder, attacks, { victim, dataset, ...rest }), {
    builtIn: await builtIn(),
    packages,
  });
  const events: RunEvent[] = [];
  for await (const event of run(spec, { output: folder, workers: 0, host })) events.push(event);
  const last = events.at(-1)!;
  if (last.type !== 'run-done') throw new Error('The run has no end.');
  const file = path.join(folder, 'report.json');
  writeFileSync(file, [...reportText(last.report)].join(''));
  const read = readReport(file);
  expect(read.cells.map(({ findings }) => findings)).toEqual(
    last.report.cells.map(({ findings }) => findings),
  );
  return read;
}

const against = ({ findings }: CellReport) =>
  findings.filter(({ severity }) => severity === 'inconclusive').map(({ code }) => code);

describe('an evaluation that says nothing is inconclusive, by name', () => {
  it.each(broken)('$name: $finding', async ({ finding, ...setting }) => {
    const { cells } = await reportOf(setting);
    expect(cells.map(({ verdict }) => verdict)).toContain('inconclusive');
    expect(cells.flatMap(against)).toContain(finding);
  });
});

describe('an evaluation that is sound is not accused', () => {
  it.each(healthy)('$name', async (setting) => {
    const { cells } = await reportOf(setting);
    expect(cells.map(({ id, verdict }) => [id, verdict])).toEqual(cells.map(({ id }) => [id, 'pass']));
    const said = cells.flatMap(({ findings }) => findings.map(({ code }) => code));
    expect(said.filter((code) => code !== 'straddles-limit')).toEqual([]);
  });
});

describe('what a spec accepts', () => {
  const [{ victim, dataset, attacks }] = broken;
  const folder = temporary('strict');
  const runWith = async (strict: unknown) => {
    const spec = writeSpec(folder, attacks, { victim, dataset, strict });
    return inProcess(['run', spec, '-j', '0', '--output', path.join(folder, 'out')]);
  };

  it('warns, and the report says so', async () => {
    expect(await runWith(true)).toMatchObject({ code: 3 });
    for (const strict of [false, { except: ['epsilon-tiny'] }]) {
      const { code, stdout } = await runWith(strict);
      expect(code).toBe(0);
      expect(stdout).toMatch(/! victim\/pgd: epsilon is 0: .* \[epsilon-tiny, accepted by the spec\]/);
    }
    expect(await runWith({ except: ['one-class'] })).toMatchObject({ code: 3 });
  });

  it('is a finding, by its name', async () => {
    const { code, stderr } = await runWith({ except: ['epsilon-tyni'] });
    expect(code).toBe(2);
    expect(stderr).toMatch(/test\.robust\.json:\d+:\d+: .* must be one of .*Did you mean "epsilon-tiny"\?/);
    expect((await runWith({ except: ['unassessed'] })).code).toBe(2);
  });
});

it('the shards of a run are judged beside each other once they are put together', async () => {
  const setting = broken.find(({ finding }) => finding === 'weaker-is-stronger')!;
  const folder = temporary('trust-shards');
  const { victim, dataset, attacks } = setting;
  const spec = writeSpec(folder, attacks, { victim, dataset });
  const out = (name: string) => path.join(folder, name);
  const codes = (name: string) => {
    const { cells } = readReport(path.join(out(name), 'report.json'));
    return cells.flatMap(against);
  };
  for (const part of ['1/2', '2/2'])
    await inProcess(['run', spec, '-j', '0', '--shard', part, '--output', out(part[0])]);
  expect(codes('1')).not.toContain('weaker-is-stronger');
  await inProcess(['merge', out('1'), out('2'), '--output', out('merged')]);
  expect(codes('merged')).toContain('weaker-is-stronger');
});
