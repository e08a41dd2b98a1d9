import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Outcome } from '@gauntlet/api';
import type { ChunkTask, Task, WorkerHost } from '@gauntlet/core';
import { QueueHost, readAddress, serve, type QueueOptions, type WorkOptions } from '@gauntlet/queue';
import type { Cell } from '../../packages/core/src/2-plan/cells.js';
import type { Progress } from '../../packages/core/src/2-plan/open-cells.js';
import { runQueue } from '../../packages/core/src/3-run/run-queue.js';
import type { Probes } from '../../packages/core/src/3-worker/probes.js';
import type { Spec } from '../../packages/core/src/1-spec/spec.js';

export const key = 'a key for a test';
const address = (url: string, withKey: string | undefined = key) =>
  readAddress(url, { GAUNTLET_QUEUE_KEY: withKey });

/** What a sample comes to: it says which sample it is, and with which model it was made. */
export const outcomeOf = (index: number, model: string): Outcome => ({
  index,
  status: index % 2 === 0 ? 'broken' : 'held',
  loss: index + model.length / 1000,
});
export const model = 'the bytes of a model';

/** Does chunks without any attack: it reads the model that it was given, and answers in a moment. */
export function fakeHost(before: (task: ChunkTask, signal: AbortSignal) => Promise<void> = async () => {}) {
  return {
    async run(task: Task, signal: AbortSignal) {
      const chunk = task as ChunkTask;
      await before(chunk, signal);
      const found = readFileSync(chunk.victim.model, 'utf8');
      return { outcomes: chunk.indices.map((index) => outcomeOf(index, found)), engines: ['fake'] };
    },
    close: async () => {},
  } as unknown as WorkerHost;
}

export function fakeSpec(samples = 16) {
  const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-queue-'));
  const file = path.join(folder, 'model.bin');
  writeFileSync(file, model);
  const plugin = path.join(folder, 'attack.mjs');
  writeFileSync(plugin, 'export default [];\n');
  const cell = {
    id: 'v/a',
    victim: { name: 'v', model: file },
    attack: { name: 'a', plugin: { url: pathToFileURL(plugin).href }, expectations: [] },
  } as unknown as Cell;
  const spec = { seed: 1, dataset: { format: 'npz', file } } as unknown as Spec;
  const indices = Array.from({ length: samples }, (_, i) => i);
  return { folder, cell, spec, indices, repeat: 0 };
}
export type FakeSpec = ReturnType<typeof fakeSpec>;

/** A planner on a queue, without victims: chunks of two samples, and the journal. */
export async function plan(
  url: string,
  { folder, cell, spec, indices, repeat }: FakeSpec,
  rest: Partial<QueueOptions> = {},
  withKey?: string,
) {
  const said: string[] = [];
  const timeout = rest.timeout ?? 30;
  const host = await QueueHost.open(address(url, withKey), {
    ...{ spec: 'fake', timeout, priority: 1, verify: 0, store: 1e6, packages: [], local: fakeHost() },
    say: (sentence) => said.push(sentence),
    ...rest,
  });
  const item: Progress = {
    ...{ cell, key: 'key', indices, outcomes: new Map<number, Outcome>(), traces: [], reused: false },
    ...{ lasts: true, otherEngines: new Set<string>(), openChunks: indices.length / 2, checkSeconds: 0 },
    wanted: { images: 0, traces: 0 },
  };
  const chunks = Array.from({ length: indices.length / 2 }, (_, i) => ({
    item,
    indices: indices.slice(2 * i, 2 * i + 2),
  }));
  const stop = new AbortController();
  const done = runQueue(chunks, {
    ...{ spec, options: { output: folder, timeout }, host, workers: 1, stop, signal: stop.signal },
    ...{ emit: () => {}, onCellDone: () => {}, inspect: () => undefined },
    probes: new Map([['v', { victim: { engine: 'fake' }, examination: { repeat } }]]) as unknown as Probes,
    renewals: { count: 0 },
  }).finally(() => host.close());
  return { host, item, said, done };
}

/** A worker in this process. */
export function work(url: string, host: WorkerHost, rest: Partial<WorkOptions> = {}, withKey?: string) {
  const end = new AbortController();
  const said: string[] = [];
  const done = serve(address(url, withKey), {
    ...{ host, slots: 1, cache: mkdtempSync(path.join(tmpdir(), 'gauntlet-cache-')), allowPlugins: true },
    ...{ packages: [], lock: 3, reconnect: 60, env: {}, signal: end.signal },
    say: (one) => said.push(one),
    ...rest,
  });
  done.catch(() => {});
  return { said, done, end: () => end.abort() };
}
