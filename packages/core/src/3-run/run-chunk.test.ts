import { describe, expect, it } from 'vitest';
import type { Outcome } from '@gauntlet/api';
import type { ChunkTask } from '../3-worker/task.js';
import { WorkerDied } from './failures.js';
import { type Retry, runChunk } from './run-chunk.js';
import type { WorkerHost } from './worker-host.js';

const died = new WorkerDied().message;
const task = { kind: 'chunk', indices: [1, 2, 3, 4] } as ChunkTask;

/** A host whose answers are listed; `hang` waits until it is aborted. */
function hostOf(
  ...answers: (Error | 'ok' | 'hang' | 'other')[]
): WorkerHost & { asked: number[][]; renewed: number } {
  const asked: number[][] = [];
  const host = { asked, renewed: 0, close: async () => {}, renew: async () => void host.renewed++ };
  return Object.assign(host, {
    run: (async (given: ChunkTask, signal: AbortSignal) => {
      asked.push(given.indices);
      const answer = answers.shift();
      if (answer === 'hang')
        await new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new Error('aborted'))),
        );
      if (answer instanceof Error) throw answer;
      const outcomes = given.indices.map((index): Outcome => ({ index, status: 'held' }));
      return { outcomes, inputs: { victim: answer, samples: [], code: {} } };
    }) as unknown as WorkerHost['run'],
  });
}

async function runWith(host: WorkerHost, signal = new AbortController().signal, renewals = { count: 0 }) {
  const retries: Retry[] = [];
  const { outcomes } = await runChunk(host, task, {
    timeout: 0.05,
    signal,
    renewals,
    onRetry: (retry) => retries.push(retry),
    inspect: (_, { victim }) => (victim === 'other' ? 'the model was replaced' : undefined),
  });
  return { retries, found: outcomes.map(({ index, status, reason }) => [index, reason ?? status]) };
}
const held = [1, 2, 3, 4].map((index) => [index, 'held']);

describe('runChunk', () => {
  it('leaves the time to a host that counts it', async () => {
    const host = hostOf('ok');
    const slow: WorkerHost = {
      ...host,
      timesTasks: true,
      run: async (given, signal) => {
        await new Promise((resolve) => setTimeout(resolve, 80));
        return host.run(given, signal);
      },
    };
    expect(await runWith(slow)).toEqual({ retries: [], found: held });
  });

  it('needs one try if all goes well', async () => {
    const host = hostOf('ok');
    expect(await runWith(host)).toEqual({ retries: [], found: held });
    expect(host.asked).toEqual([[1, 2, 3, 4]]);
  });

  it('tries halves after a worker has died', async () => {
    const host = hostOf(new WorkerDied(), 'ok', 'ok');
    expect(await runWith(host)).toEqual({
      retries: [{ samples: 4, reason: died, smaller: 2 }],
      found: held,
    });
    expect(host.asked.slice(1)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('tries halves when memory ran out', async () => {
    const host = hostOf(new RangeError('Array buffer allocation failed'), 'ok', 'ok');
    expect((await runWith(host)).found).toEqual(held);
    expect(host.asked.slice(1)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('goes on halving while the engine says that memory is out, down to one sample', async () => {
    const full = new Error('Failed to allocate memory for requested buffer of size 9');
    const host = hostOf(full, full, full, 'ok', 'ok');
    const { found, retries } = await runWith(host);
    expect(found).toEqual([
      [1, full.message],
      [2, 'held'],
      [3, 'held'],
      [4, 'held'],
    ]);
    expect(host.asked).toEqual([[1, 2, 3, 4], [1, 2], [1], [2], [3, 4]]);
    expect(retries.map(({ smaller }) => smaller)).toEqual([2, 1]);
  });

  it('leaves only the half that dies again unassessed, with the reason', async () => {
    const { found } = await runWith(hostOf(new WorkerDied(), 'ok', new WorkerDied()));
    expect(found).toEqual([
      [1, 'held'],
      [2, 'held'],
      [3, died],
      [4, died],
    ]);
  });

  it('gives a hanging worker one more chance, whole', async () => {
    const host = hostOf('hang', 'ok');
    expect((await runWith(host)).found).toEqual(held);
    expect(host.asked).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
    const { found } = await runWith(hostOf('hang', 'hang'));
    expect(found[0]).toEqual([1, 'the worker did not finish within 0.05 s (--timeout)']);
  });

  it('does not try again what fails by itself', async () => {
    const host = hostOf(new Error('a defect'));
    expect((await runWith(host)).found[0]).toEqual([1, 'a defect']);
    expect(host.asked).toHaveLength(1);
  });

  it('takes nothing that was done with other inputs: a fresh worker tries once more', async () => {
    const host = hostOf('other', 'ok');
    expect((await runWith(host)).found).toEqual(held);
    expect(host.renewed).toBe(1);
    const { found } = await runWith(hostOf('other', 'other'));
    expect(found).toEqual([1, 2, 3, 4].map((index) => [index, 'the model was replaced']));
    // Once in a run: after that it is no old worker's doing.
    const later = hostOf('other');
    await runWith(later, undefined, { count: 1 });
    expect([later.asked.length, later.renewed]).toEqual([1, 0]);
  });

  it('stops at an interrupt', async () => {
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 10);
    const { found, retries } = await runWith(hostOf('hang'), interrupt.signal);
    expect(found[0]).toEqual([1, 'interrupted']);
    expect(retries).toEqual([]);
  });
});
