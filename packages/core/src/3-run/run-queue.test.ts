import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Outcome, RunEvent } from '@gauntlet/api';
import type { Spec } from '../1-spec/spec.js';
import type { Cell } from '../2-plan/cells.js';
import type { Progress } from '../2-plan/open-cells.js';
import type { Probes } from '../3-worker/probes.js';
import type { ChunkResult, ChunkTask } from '../3-worker/task.js';
import { HostFailed } from './failures.js';
import { runQueue } from './run-queue.js';
import type { WorkerHost } from './worker-host.js';

const outcomesOf = (indices: readonly number[], rest: Partial<Outcome> = {}) =>
  indices.map((index): Outcome => ({ index, status: 'held', ...rest }));

/** Two chunks of four samples of one cell, done by `answer` on some workers. */
function setUp(
  answer: (task: ChunkTask, signal: AbortSignal) => Promise<Outcome[]>,
  workers = 1,
  rest: Partial<WorkerHost & ChunkResult> = {},
) {
  const output = mkdtempSync(path.join(tmpdir(), 'gauntlet-queue-'));
  const cell = {
    id: 'v/a',
    victim: { name: 'v' },
    attack: { name: 'a', expectations: [] },
  } as unknown as Cell;
  const item: Progress = {
    cell,
    key: 'key',
    indices: [0, 1, 2, 3, 4, 5, 6, 7],
    outcomes: new Map(),
    traces: [],
    otherEngines: new Set(),
    reused: false,
    lasts: true,
    openChunks: 2,
    checkSeconds: 0,
    wanted: { images: 0, traces: 0 },
  };
  const asked: number[][] = [];
  const host = {
    close: async () => {},
    depth: rest.depth,
    run: async (task: ChunkTask, signal: AbortSignal) => {
      asked.push(task.indices);
      return { outcomes: await answer(task, signal), engines: rest.engines };
    },
  } as unknown as WorkerHost;
  const stop = new AbortController();
  const events: RunEvent[] = [];
  const finished: Progress[] = [];
  const queue = [item.indices.slice(0, 4), item.indices.slice(4)].map((indices) => ({ item, indices }));
  const go = () =>
    runQueue(queue, {
      spec: { seed: 1 } as Spec,
      options: { output },
      host,
      workers,
      stop,
      signal: stop.signal,
      emit: (event) => events.push(event),
      onCellDone: (done) => finished.push(done),
      inspect: () => undefined,
      probes: new Map([
        ['v', { victim: { engine: 'onnx:cpu' }, examination: { repeat: 0 } }],
      ]) as unknown as Probes,
      renewals: { count: 0 },
    });
  const journal = () =>
    readFileSync(path.join(output, 'journal.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => (JSON.parse(line) as { outcomes: Outcome[] }).outcomes.map(({ index }) => index));
  return { item, asked, stop, events, finished, go, journal };
}

describe('the queue', () => {
  it('does all chunks, writes each into the journal, and says once that the cell is done', async () => {
    const { go, item, journal, events, finished } = setUp(async ({ indices }) => outcomesOf(indices), 2);
    expect(await go()).toEqual([]);
    expect([...item.outcomes.keys()].sort()).toEqual(item.indices);
    expect(journal().flat().sort()).toEqual(item.indices);
    expect(events.map(({ type }) => type)).toEqual(['chunk-done', 'chunk-done']);
    expect(finished).toEqual([item]);
  });

  it('gives a worker its next chunk before the last one is on disk, unless that may decide the rest', async () => {
    for (const early of [false, true]) {
      const written: number[][][] = [];
      const { go, item, journal } = setUp(async ({ indices }) => {
        written.push(journal());
        return outcomesOf(indices);
      });
      if (early)
        item.cell.attack.expectations.push({ metric: 'asr', max: 1e-3, confidence: 0.95, early: true });
      await go();
      expect(written).toEqual([[], early ? [[0, 1, 2, 3]] : []]);
      expect(journal()).toHaveLength(2);
    }
  });

  it('remembers for the rest of a cell how many samples fit in memory', async () => {
    const { go, asked, finished } = setUp(async ({ indices }) => {
      if (indices.length > 2) throw new Error('CUDA error: out of memory');
      return outcomesOf(indices);
    });
    const retries = await go();
    expect(retries).toEqual([{ cell: 'v/a', samples: 4, reason: expect.stringContaining('out of memory') }]);
    expect(asked.map(({ length }) => length)).toEqual([4, 2, 2, 2, 2]);
    expect(finished).toHaveLength(1);
  });

  it('leaves out of the journal what nothing can be said of: --resume tries it again', async () => {
    const { go, item, journal } = setUp(async ({ indices }) => {
      if (indices[0] === 0) throw new Error('no idea');
      return outcomesOf(indices);
    });
    await go();
    expect(item.outcomes.get(0)).toMatchObject({ status: 'unassessed', reason: 'no idea' });
    expect(journal()).toEqual([[4, 5, 6, 7]]);
  });

  it('keeps nothing of a chunk that was interrupted, and begins no other', async () => {
    const { go, stop, asked, item, finished, journal } = setUp(async ({ indices }) => {
      stop.abort();
      return outcomesOf(indices);
    });
    await go();
    expect(asked).toHaveLength(1);
    expect([item.outcomes.size, finished.length, journal().length]).toEqual([0, 0, 0]);
  });

  it('gives a host as many chunks at a time as it takes', async () => {
    let waiting = 0;
    const both = new Promise<void>((resolve) => setInterval(() => waiting === 2 && resolve(), 1).unref());
    const { go } = setUp(
      async ({ indices }) => {
        waiting++;
        await both;
        return outcomesOf(indices);
      },
      1,
      { depth: 2 },
    );
    expect(await go()).toEqual([]);
  });

  it('remembers which other engines have computed something of a cell', async () => {
    const { go, item } = setUp(async ({ indices }) => outcomesOf(indices), 1, {
      engines: ['onnx:cpu', 'onnx:cuda'],
    });
    await go();
    expect([...item.otherEngines]).toEqual(['onnx:cuda']);
  });

  it('ends with the error of a host that can do no more, and keeps what was done', async () => {
    const { go, asked, journal } = setUp(async ({ indices }) => {
      if (indices[0] === 4) throw new HostFailed('queue-lost', 'no queue');
      return outcomesOf(indices);
    });
    await expect(go()).rejects.toThrow('no queue');
    expect(asked).toHaveLength(2);
    expect(journal()).toEqual([[0, 1, 2, 3]]);
  });

  it('ends the other workers where a chunk cannot be recorded', async () => {
    let ended = false;
    const { go } = setUp(async ({ indices }, signal) => {
      // No JSON has such a number.
      if (indices[0] === 0) return outcomesOf(indices, { loss: 1n as never });
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      ended = true;
      throw new Error('ended');
    }, 2);
    await expect(go()).rejects.toThrow(/BigInt/);
    expect(ended).toBe(true);
  });
});
