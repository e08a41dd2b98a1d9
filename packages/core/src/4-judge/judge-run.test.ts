import { describe, expect, it } from 'vitest';
import type { Outcome, RunEvent } from '@gauntlet/api';
import type { Spec } from '../1-spec/spec.js';
import type { Progress } from '../2-plan/open-cells.js';
import type { Plan } from '../2-plan/plan-run.js';
import type { ProbeResult } from '../3-worker/task.js';
import { finishCell, judgeRun } from './judge-run.js';
import { standardMeasures } from './open-metrics.js';

const victims = [{ name: 'v', kind: 'classifier', bounds: [0, 1], model: '/p/v.onnx' }];
const attacks = ['a', 'b'].map((name) => ({
  name,
  use: 'noise',
  version: 1,
  params: {},
  threat: { norm: 'linf', epsilon: 0.1 },
  usesGradients: false,
  expectations: [],
}));
const spec = {
  file: '/p/s.yaml',
  maxUnassessed: 0,
  strict: true,
  victims,
  attacks,
  worstCases: [],
} as unknown as Spec;
const probe = {
  victim: { engine: 'onnx:cpu', inputShape: [2, 2, 1], classes: 2, notes: [], gradients: 'exact' },
  dataset: { imageShape: [2, 2, 1], indices: [0], hash: 'data' },
  examination: { samples: 1, range: [0, 1], repeat: 0 },
  examinedIn: 3,
} as unknown as ProbeResult;
const probes = new Map([['v', probe]]);

const cell = (name: string, rest: Partial<Progress> = {}): Progress => ({
  cell: { id: `v/${name}`, victim: spec.victims[0], attack: spec.attacks.find((one) => one.name === name)! },
  key: 'key',
  indices: [0],
  outcomes: new Map<number, Outcome>([[0, { index: 0, status: 'held', seconds: 5 }]]),
  traces: [],
  otherEngines: new Set(),
  reused: false,
  lasts: true,
  openChunks: 0,
  checkSeconds: 2,
  wanted: {} as Progress['wanted'],
  ...rest,
});

/** What was kept, and what was said. */
function finish(item: Progress, write: () => void = () => undefined) {
  const [kept, events]: [string[], RunEvent[]] = [[], []];
  const cache = {
    write: (id: string) => {
      write();
      kept.push(id);
    },
  } as unknown as Plan['cache'];
  const report = finishCell(item, spec, standardMeasures, probes, { cache }, (event) => events.push(event));
  const notes = events.flatMap((event) => (event.type === 'note' ? [event.message] : []));
  return { kept, notes, report, done: events.find(({ type }) => type === 'cell-done') };
}

describe('a cell that is done', () => {
  it('is kept for later runs if its key knows what it depends on, and it was not taken from there', () => {
    expect(finish(cell('a'))).toMatchObject({ kept: ['v/a'], notes: [], done: { reused: false } });
    expect(finish(cell('a', { reused: true }))).toMatchObject({ kept: [], done: { reused: true } });
    expect(finish(cell('a', { lasts: false })).kept).toEqual([]);
  });

  it('is not kept where another engine computed samples, and says which', () => {
    const { kept, notes } = finish(cell('a', { otherEngines: new Set(['tfjs:cpu', 'tfjs:wasm']) }));
    expect(kept).toEqual([]);
    expect(notes).toEqual([expect.stringMatching(/^v\/a: .* by tfjs:cpu, tfjs:wasm instead of onnx:cpu/)]);
  });

  it('is judged although it cannot be kept', () => {
    const { report, notes, done } = finish(cell('a'), () => {
      throw new Error('disk full');
    });
    expect(notes).toEqual(['v/a cannot be kept for later runs: disk full']);
    expect(done).toMatchObject({ cell: report });
    expect(report.outcomes).toHaveLength(1);
  });
});

describe('the report of a run', () => {
  const judge = (items: Progress[], options: object = {}, resumed = 0) => {
    const progress = items.map((item) => ({ ...item, report: finish(item).report }));
    return judgeRun(
      spec,
      { progress, resumed } as unknown as Plan,
      probes,
      { output: '', ...options },
      {
        startedAt: new Date(Date.now() - 7000),
        workers: 2,
        retries: {} as never,
      },
    );
  };

  it('counts the seconds of checks beside those of attacks, without cells of earlier runs', () => {
    const { execution } = judge([cell('a'), cell('b', { reused: true })], {}, 4);
    expect(execution.checks).toEqual({ seconds: 3 + 2 + 2, attacks: 5 });
    expect(execution).toMatchObject({ workers: 2, reused: 4, reusedCells: ['v/b'] });
    expect(execution.seconds).toBeGreaterThanOrEqual(7);
    expect(execution.seconds).toBeLessThan(60);
    const unmeasured = cell('a', { outcomes: new Map([[0, { index: 0, status: 'held' }]]) });
    expect(judge([unmeasured]).execution.checks?.attacks).toBe(0);
  });

  it('names the commit, an interruption and cells that were left out, where there are any', () => {
    const whole = judge([cell('a'), cell('b')]);
    expect(whole.interrupted).toBe(false);
    expect(whole.leftOut).toBeUndefined();
    expect(whole.execution).not.toHaveProperty('commit');
    const part = judge([cell('a')], { grep: /a$/, commit: 'c0ffee', signal: AbortSignal.abort() });
    expect(part).toMatchObject({ interrupted: true, leftOut: ['v/b'], execution: { commit: 'c0ffee' } });
  });

  it('of a shard knows the cells of all shards; and its own, where shares are by cost', () => {
    const shard = { index: 1, count: 2 };
    expect(judge([cell('a'), cell('b')]).shard).toBeUndefined();
    expect(judge([cell('a')], { shard }).shard).toEqual({ ...shard, cells: ['v/a', 'v/b'] });
    expect(judge([cell('b')], { shard, costs: new Map() }).shard).toEqual({
      ...shard,
      cells: ['v/a', 'v/b'],
      own: ['v/b'],
    });
  });
});
