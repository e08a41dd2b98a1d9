import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readReport, repository, temporary, writeSpec } from './support/cli.js';
import { start } from './support/processes.js';

it('workers that are idle open the victim while the first of them looks at it', async () => {
  const folder = temporary('open-ahead');
  const file = path.join(folder, 'opened');
  writeFileSync(file, '');
  const victim = {
    use: path.join(repository, 'test/fixtures/victims.mjs#meeting'),
    kind: 'classifier',
    bounds: [0, 1],
  };
  // One sample: one chunk, for which one worker is enough.
  const spec = writeSpec(folder, [{ use: 'noise', params: { epsilon: 0.1 } }], {
    victim,
    dataset: { format: 'plugin', use: 'digits', take: 1 },
  });
  const args = ['run', spec, '--output', path.join(folder, 'out'), '-j', '3', '--engine', 'tfjs:cpu'];
  const { code, stderr } = await start(args, {
    env: { GAUNTLET_TEST_MEETING: JSON.stringify({ file, workers: 3 }) },
  }).done;
  expect([code, stderr]).toEqual([0, '']);
  expect(readReport(path.join(folder, 'out')).cells[0].outcomes).toHaveLength(1);
  expect(new Set(readFileSync(file, 'utf8').trim().split('\n')).size).toBe(3);
}, 120_000);
