import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { contractVersion, type Outcome, type RunEvent } from '@gauntlet/api';
import type { AttackEntry, Spec } from './1-spec/spec.js';
import type { WorkerHost } from './3-run/worker-host.js';
import type { ProbeResult, Task } from './3-worker/task.js';
import { run } from './run.js';
import type { RunOptions } from './run-options.js';
import { journalFile } from './store/journal.js';

const probe = {
  victim: {
    engine: 'onnx:cpu',
    inputShape: [2, 2, 1],
    classes: 2,
    outputScale: 'logits',
    featureSource: { kind: 'patches' },
    bytesPerSample: 100,
    hash: 'weights',
    notes: ['a note on the victim'],
    gradients: 'exact',
  },
  dataset: { imageShape: [2, 2, 1], indices: [0, 1, 2, 3], hash: 'data', sampleHashes: ['0', '1', '2', '3'] },
  examination: { range: [0, 1], repeat: 0 },
  examinedIn: 0,
} as unknown as ProbeResult;

/** A spec of one victim and these attacks, each a plugin that no worker here loads. */
function specOf(names: readonly string[]): { spec: Spec; output: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-run-'));
  const file = path.join(folder, 'attacks.mjs');
  const plugins = names.map(
    (name) =>
      `{ kind: 'attack', name: '${name}', contract: ${contractVersion}, version: 1, params: {}, victim: 'any', usesGradients: false, threat() {}, perturb() {} }`,
  );
  writeFileSync(file, `export default [${plugins.join(', ')}];`);
  const attacks = names.map((name) => ({
    name,
    use: name,
    plugin: { url: pathToFileURL(file).href, name },
    version: 1,
    usesGradients: false,
    params: {},
    threat: { norm: 'linf', epsilon: 0.1 },
    expectations: [{ metric: 'asr', max: 0.5 }],
  })) as unknown as AttackEntry[];
  const victim = { name: 'v', kind: 'classifier', bounds: [0, 1], engine: 'onnx:cpu', model: '/v.onnx' };
  const spec = {
    file: path.join(folder, 'test.robust.yaml'),
    seed: 1,
    maxUnassessed: 0,
    strict: true,
    victims: [victim],
    dataset: { format: 'npz', file: '/data.npz' },
    datasetName: 'data',
    attacks,
    worstCases: [],
    metrics: [],
  } as unknown as Spec;
  writeFileSync(spec.file, '');
  return { spec, output: path.join(folder, 'out') };
}

type Answer = (task: Task & { kind: 'chunk' }) => Outcome[];

/** Workers that answer at once; `closed` says whether they have been sent home. */
function hostOf(answer: Answer, probed: () => ProbeResult = () => probe) {
  const host = {
    closed: 0,
    run: async (task: Task) => (task.kind === 'chunk' ? { outcomes: answer(task) } : probed()),
    close: async () => void host.closed++,
  };
  return host as WorkerHost & { closed: number };
}
const all =
  (status: Outcome['status']): Answer =>
  ({ indices }) =>
    indices.map((index) => ({ index, status, seconds: 0.5 }));

async function eventsOf(spec: Spec, options: RunOptions): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of run(spec, options)) events.push(event);
  return events;
}
const reportOf = (events: readonly RunEvent[]) => {
  const last = events.at(-1)!;
  if (last.type !== 'run-done') throw new Error(`The last event is ${last.type}.`);
  return last.report;
};

describe('a run', () => {
  it('says what it is for, does every chunk, judges every cell and ends with the report', async () => {
    const { spec, output } = specOf(['a', 'b']);
    const host = hostOf(all('held'));
    const events = await eventsOf(spec, { output, host, workers: 1, batchSize: 2 });
    expect(events.map(({ type }) => type)).toEqual([
      'run-started',
      'note',
      ...['chunk-done', 'chunk-done', 'cell-done'],
      ...['chunk-done', 'chunk-done', 'cell-done'],
      'run-done',
    ]);
    const { cells, verdict, dataset, interrupted } = reportOf(events);
    expect(cells.map(({ id, outcomes }) => [id, outcomes.map(({ index }) => index)])).toEqual([
      ['v/a', [0, 1, 2, 3]],
      ['v/b', [0, 1, 2, 3]],
    ]);
    // Four samples decide nothing about a limit of one half.
    expect({ verdict, n: dataset.n, interrupted }).toEqual({
      verdict: 'inconclusive',
      n: 4,
      interrupted: false,
    });
  });

  it('leaves a host that it was lent, and no lock', async () => {
    const { spec, output } = specOf(['a']);
    const host = hostOf(all('held'));
    await eventsOf(spec, { output, host, workers: 1 });
    expect(host.closed).toBe(0);
    expect(readdirSync(output).filter((name) => /lock|\.part$/.test(name))).toEqual([]);
  });

  it('fails as its first step does, with nothing in the journal, and can be run again', async () => {
    const { spec, output } = specOf(['a']);
    const broken = hostOf(all('held'), () => {
      throw new Error('the model is no model');
    });
    await expect(eventsOf(spec, { output, host: broken, workers: 1 })).rejects.toThrow(
      'the model is no model',
    );
    expect(existsSync(journalFile(output))).toBe(false);
    const events = await eventsOf(spec, { output, host: hostOf(all('held')), workers: 1 });
    expect(reportOf(events).cells).toHaveLength(1);
  });

  it('stops after as many cells as it may bail out at, and says what is missing of the others', async () => {
    const { spec, output } = specOf(['a', 'b', 'c']);
    const asked: string[] = [];
    const host = hostOf((task) => {
      asked.push(task.attack.name);
      return all('broken')(task);
    });
    const events = await eventsOf(spec, { output, host, workers: 1, bail: 1 });
    expect(asked).toEqual(['a']);
    const [first, ...rest] = reportOf(events).cells;
    expect(first.outcomes.map(({ status }) => status)).toEqual(Array(4).fill('broken'));
    for (const { verdict, outcomes } of rest) {
      expect(verdict).toBe('inconclusive');
      expect(outcomes).toEqual(
        [0, 1, 2, 3].map((index) => ({
          index,
          status: 'unassessed',
          reason: expect.stringContaining('the run ended before it'),
        })),
      );
    }
  });

  it('that is interrupted keeps what is there, says so, and goes on from it', async () => {
    const { spec, output } = specOf(['a']);
    const stop = new AbortController();
    const halfway = hostOf((task) => {
      if (task.indices.includes(2)) stop.abort();
      return all('held')(task);
    });
    const options = { output, workers: 1, batchSize: 2 };
    const { interrupted, cells } = reportOf(
      await eventsOf(spec, { ...options, host: halfway, signal: stop.signal }),
    );
    expect(interrupted).toBe(true);
    expect(cells[0].outcomes.map(({ status }) => status)).toEqual([
      ...['held', 'held'],
      ...['unassessed', 'unassessed'],
    ]);
    const asked: number[][] = [];
    const rest = hostOf((task) => {
      asked.push(task.indices);
      return all('held')(task);
    });
    const events = await eventsOf(spec, { ...options, host: rest, resume: true });
    expect(asked).toEqual([[2, 3]]);
    expect(reportOf(events).execution).toMatchObject({ reused: 2, reusedCells: [] });
  });

  it('does no cell again that has not changed', async () => {
    const { spec, output } = specOf(['a', 'b']);
    const first = reportOf(await eventsOf(spec, { output, host: hostOf(all('held')), workers: 1 }));
    const idle = hostOf(() => {
      throw new Error('Nobody is to be asked.');
    });
    const again = reportOf(await eventsOf(spec, { output, host: idle, workers: 1 }));
    expect(again.execution.reusedCells).toEqual(['v/a', 'v/b']);
    expect(again.cells).toEqual(first.cells);
  });
});
