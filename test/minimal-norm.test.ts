import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { gauntlet, readReport, temporary, writeSpec } from './support/cli.js';

it('an expectation on the minimal norm holds for attacks that look for it, and is inconclusive for others', async () => {
  const folder = temporary('minimal-norm');
  const expected = { expect: { minimalNorm: { min: 0.001, max: 100 } } };
  const spec = writeSpec(
    folder,
    [
      { use: 'fmn', params: { norm: 'l2', steps: 20 }, ...expected },
      { use: 'deepfool', ...expected },
      { use: 'fgsm', params: { epsilon: 0.1 }, ...expected },
    ],
    { dataset: { format: 'plugin', use: 'digits', take: 12 } },
  );
  const output = path.join(folder, 'run');
  const { code } = await gauntlet('run', spec, '-j', '0', '--output', output);
  expect(code).toBe(3);
  const { cells } = readReport(output);
  expect(cells.map(({ expectations }) => expectations[0].verdict)).toEqual(['pass', 'pass', 'inconclusive']);
  for (const { outcomes } of cells.slice(0, 2))
    for (const { status, l2, minimalNorm } of outcomes)
      expect(minimalNorm).toBe(status === 'broken' ? l2 : undefined);
  expect(
    readFileSync(path.join(output, 'report.html'), 'utf8').match(/Robust accuracy by epsilon/g),
  ).toHaveLength(4);
});
