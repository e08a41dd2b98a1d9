import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { gauntlet, readReport, temporary, writeSpec } from './support/cli.js';

const folder = temporary('stages');
const dataset = { format: 'plugin', use: 'digits', take: 8 };

it('the stages of an ensemble are told on the terminal, on the page and in the report', async () => {
  const spec = writeSpec(folder, [{ use: 'standard', params: { epsilon: 0.2 } }], { dataset });
  const output = path.join(folder, 'run');
  const { stdout } = await gauntlet('run', spec, '-j', '0', '--output', output);
  const [{ outcomes }] = readReport(output).cells;
  const stages = outcomes.flatMap(({ stage }) => stage ?? []);
  const first = stages.filter((one) => one === 'fgsm').length;
  expect(first).toBeGreaterThan(0);
  expect(stdout).toMatch(new RegExp(`standard: broken by .*fgsm: ${first}`));
  const page = readFileSync(path.join(output, 'report.html'), 'utf8');
  expect(page).toMatch(/ \(broken by .*fgsm/);
  const sample = outcomes.find(({ stage }) => stage === 'fgsm')!;
  expect(page).toContain(`${sample.index} fgsm`);
});

it('standard refuses L1, which not all of its stages have', async () => {
  const spec = writeSpec(folder, [{ use: 'standard', params: { norm: 'l1', epsilon: 1 } }], { dataset });
  const { code, stderr } = await gauntlet('validate', spec);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining('"norm" must be one of "linf", "l2"; found "l1"'),
  ]);
});
