import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect } from 'vitest';
import { repository } from '../support/cli.js';
import { itOnLinux } from '../support/needs.js';

const all = process.env.GAUNTLET_TEST_ALL === '1';
const quick = ['early-death'];
/** Those that a busy machine cannot make look like faults: no time-outs, no shortage of anything. */
const sturdy = [
  ...[
    'kill-worker',
    'kill-main',
    'kill-both',
    'full-disk',
    'damaged-journal',
    'damaged-cell',
    'model-replaced',
  ],
  ...['two-runs', 'SIGTERM', 'clock', 'damaged-image', 'exit-of-all', ...quick],
];

itOnLinux(
  'runs that are disturbed pass nothing, lose nothing and leave nothing behind',
  () => {
    const script = path.join(repository, 'scripts/faults.mjs');
    const chosen = (all ? sturdy : quick).flatMap((name) => ['--kind', name]);
    const args = [script, '--seed', '1', '--times', '1', '--minutes', '3', ...chosen];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, {
      cwd: repository,
      encoding: 'utf8',
    });
    expect(stdout + stderr).not.toContain('NOT OK');
    expect(status).toBe(0);
  },
  600_000,
);
