import { describe, expect, it } from 'vitest';
import type { CellReport, RunEvent } from '@gauntlet/api';
import { builtIn, packages } from '@gauntlet/cli/built-in';
import { inProcessHost, loadSpec, run } from '@gauntlet/core';
import { temporary, writeSpec } from '../support/cli.js';
import { broken, healthy, type Setting } from './settings.js';

const host = inProcessHost();

async function judged({ victim, dataset, attacks }: Setting): Promise<CellReport[]> {
  const folder = temporary('trust');
  const file = writeSpec(folder, attacks, { victim, dataset });
  const spec = await loadSpec(file, { builtIn: await builtIn(), packages });
  const events: RunEvent[] = [];
  for await (const event of run(spec, { output: folder, workers: 0, host })) events.push(event);
  const last = events.at(-1)!;
  return last.type === 'run-done' ? last.report.cells : [];
}

const against = ({ findings }: CellReport) =>
  findings.filter(({ severity }) => severity === 'inconclusive').map(({ code }) => code);

describe('an evaluation that says nothing is inconclusive, by name', () => {
  it.each(broken)('$name: $finding', async ({ finding, ...setting }) => {
    const cells = await judged(setting);
    expect(cells.map(({ verdict }) => verdict)).toContain('inconclusive');
    expect(cells.flatMap(against)).toContain(finding);
  });
});

describe('an evaluation that is sound is not accused', () => {
  it.each(healthy)('$name', async (setting) => {
    const cells = await judged(setting);
    expect(cells.map(({ id, verdict }) => [id, verdict])).toEqual(cells.map(({ id }) => [id, 'pass']));
    const said = cells.flatMap(({ findings }) => findings.map(({ code }) => code));
    expect(said.filter((code) => code !== 'straddles-limit')).toEqual([]);
  });
});
