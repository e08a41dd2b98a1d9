import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { WorkerDied } from './failures.js';
import { WorkerSlot } from './worker-slot.js';
import { WorkerSlots } from './worker-slots.js';

/** A module for workers, of which the first so many die while they are starting. */
function script(deaths: number): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-slots-'));
  const file = path.join(folder, 'work.mjs');
  const log = JSON.stringify(path.join(folder, 'deaths'));
  writeFileSync(
    file,
    `import { appendFileSync, existsSync, readFileSync } from 'node:fs';
     if ((existsSync(${log}) ? readFileSync(${log}).length : 0) < ${deaths}) {
       appendFileSync(${log}, 'x');
       process.kill(process.pid, 'SIGKILL');
     }
     export default async (task) => {
       if (task === 'throw') throw new TypeError('no such task');
       if (task === 'die') process.kill(process.pid, 'SIGKILL');
       return [task, process.pid, process.env.GAUNTLET_WORKER];
     };`,
  );
  return file;
}

let slots: WorkerSlots | undefined;
const open = (deaths: number, workers: number) => (slots = new WorkerSlots(script(deaths), workers));
type Answer = [task: string, pid: number, worker: string];
afterEach(() => slots?.close());

it('a worker that dies before it is ready costs the task that it was for, and others have another', async () => {
  const { run } = bound(open(1, 2));
  const answers = await Promise.allSettled([run('a'), run('b'), run('c')]);
  const lost = answers.filter(({ status }) => status === 'rejected');
  const reasons = lost.map((one) => (one as PromiseRejectedResult).reason as unknown);
  expect(reasons).toEqual([expect.any(WorkerDied)]);
  expect(String(reasons[0])).toContain('died before it was ready');
  expect((await Promise.all([run('d'), run('e')])).map(([task]) => task)).toEqual(['d', 'e']);
});

it('a worker that dies during a task costs that task; what a task throws is thrown', async () => {
  const { run } = bound(open(0, 1));
  const [, before] = await run('before');
  await expect(run('throw')).rejects.toThrow('no such task');
  expect((await run('after'))[1]).toBe(before);
  await expect(run('die')).rejects.toThrow(WorkerDied);
  expect((await run('last'))[1]).not.toBe(before);
});

it('tasks wait for a free worker, and each worker knows its place', async () => {
  const { run } = bound(open(0, 2));
  const answers = await Promise.all(['a', 'b', 'c', 'd'].map(run));
  expect(answers.map(([task]) => task)).toEqual(['a', 'b', 'c', 'd']);
  expect(new Set(answers.map(([, , worker]) => worker))).toEqual(new Set(['1', '2']));
});

it('a worker that was started before takes the first task', async () => {
  const file = script(0);
  const first = new WorkerSlot(file, 1);
  first.start('start');
  const [, early] = await first.run<Answer>('early');
  slots = new WorkerSlots(file, 2, first);
  const { run } = bound(slots);
  const answers = await Promise.all([run('a'), run('b')]);
  expect(answers.map(([, , worker]) => worker)).toEqual(['1', '2']);
  expect(answers[0][1]).toBe(early);
  expect(answers[1][1]).not.toBe(early);
});

it('one that dies while it is started ahead costs no task', async () => {
  const file = script(1);
  const first = new WorkerSlot(file, 1);
  first.start('start');
  slots = new WorkerSlots(file, 1, first);
  expect((await bound(slots).run('a'))[0]).toBe('a');
});

it('one may be closed before it is there, and once more', async () => {
  const first = new WorkerSlot(script(0), 1);
  first.start('start');
  await first.close();
  await first.close();
});

const bound = (of: WorkerSlots) => ({ run: (task: string) => of.run<Answer>(task) });
