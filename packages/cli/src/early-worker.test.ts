import { expect, it } from 'vitest';
import { earlyWorker } from './early-worker.js';

const started = (line: string) => {
  const worker = earlyWorker(line.split(' '));
  void worker?.close();
  return worker !== undefined;
};

it('a run with workers of this machine has its first one at once', () => {
  for (const line of ['run', 'run a.robust.yaml', 'run -j 2', 'run --workers=10 -q', 'run a -j 1 --seed 0'])
    expect(started(line), line).toBe(true);
});

it('what needs none starts none', () => {
  for (const line of [
    'validate',
    'run --help',
    'run a -j 0',
    'run -j0',
    'run --workers 0',
    'run --workers=0',
    'run -j=0 a',
    'run --queue redis://localhost',
    'run --queue=redis://localhost',
  ])
    expect(started(line), line).toBe(false);
});
