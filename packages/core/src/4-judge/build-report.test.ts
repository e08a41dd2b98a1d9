import { describe, expect, it } from 'vitest';
import type { Outcome, Report, Trace } from '@gauntlet/api';
import type { Spec, WorstCaseEntry } from '../1-spec/spec.js';
import type { Cell } from '../2-plan/cells.js';
import type { ProbeResult } from '../3-worker/task.js';
import { reportCell, reportRun } from './build-report.js';
import { standardMeasures } from './open-metrics.js';

const victims = [
  { name: 'v', kind: 'classifier', bounds: [0, 1], model: '/project/models/v.onnx' },
  { name: 'p', kind: 'classifier', bounds: [0, 1], model: 'package#victim', source: {} },
] as unknown as Spec['victims'];
const threat = { norm: 'linf', epsilon: 0.1 } as const;
const worstCase: WorstCaseEntry = {
  victim: 'v',
  threat,
  cells: ['v/a', 'v/b'],
  expectations: [{ metric: 'asr', max: 0.6 }] as WorstCaseEntry['expectations'],
};
const spec = {
  file: '/project/specs/test.robust.yaml',
  seed: 7,
  maxUnassessed: 0,
  strict: true,
  victims,
  datasetName: 'digits',
  worstCases: [] as WorstCaseEntry[],
} as Spec;
const probe = {
  victim: {
    engine: 'onnx:cpu',
    inputShape: [2, 2, 1],
    classes: 2,
    hash: 'weights',
    notes: [],
    gradients: 'exact',
  },
  dataset: { imageShape: [2, 2, 1], indices: [0, 1, 2], hash: 'data' },
  examination: { range: [0, 1], repeat: 0 },
} as unknown as ProbeResult;
const probes = new Map([
  ['v', probe],
  ['p', probe],
]);
const execution = {} as Report['execution'];

function cellReport(attack: string, outcomes: readonly Outcome[], traces?: Trace[], limit = 1) {
  const [victim] = victims;
  const entry = { name: attack, use: attack, version: 1, params: {}, threat, usesGradients: false };
  const expectations = [{ metric: 'asr', max: limit }];
  const cell = { id: `v/${attack}`, victim, attack: { ...entry, expectations } } as unknown as Cell;
  const found = new Map(outcomes.map((one) => [one.index, one]));
  return reportCell(
    standardMeasures,
    cell,
    'key',
    [0, 1, 2],
    found,
    { traces: traces ?? [], otherEngines: new Set() },
    spec,
    probe.victim as never,
  );
}
const held = (index: number): Outcome => ({ index, status: 'held' });
const broken = (index: number): Outcome => ({ index, status: 'broken' });

describe('the report of a cell', () => {
  it('has its outcomes and traces in the order of the data, in whatever order they came', () => {
    const trace = (index: number) => ({ index }) as Trace;
    const { outcomes, traces } = cellReport('a', [held(2), broken(0), held(1)], [trace(2), trace(0)]);
    expect(outcomes.map(({ index, status }) => [index, status])).toEqual([
      [0, 'broken'],
      [1, 'held'],
      [2, 'held'],
    ]);
    expect(traces?.map(({ index }) => index)).toEqual([0, 2]);
    expect(cellReport('a', [held(0)], [])).not.toHaveProperty('traces');
  });

  it('calls unassessed what has no outcome, and then passes nothing', () => {
    const { outcomes, verdict } = cellReport('a', [held(0), held(2)]);
    expect(outcomes[1]).toMatchObject({ index: 1, status: 'unassessed', reason: 'the run ended before it' });
    expect(verdict).toBe('inconclusive');
  });
});

describe('the report of a run', () => {
  const report = (
    cells: ReturnType<typeof cellReport>[],
    rest: Partial<Spec> = {},
    shard?: Report['shard'],
  ) => reportRun({ ...spec, ...rest }, probes, cells, { interrupted: false, shard, execution });

  it('says where a model lies from the folder of the spec on, and names a plugin as the spec does', () => {
    const { spec: name, victims } = report([cellReport('a', [held(0), held(1), held(2)])]);
    expect(name).toBe('test.robust.yaml');
    expect(victims.map(({ model }) => model)).toEqual(['../models/v.onnx', 'package#victim']);
  });

  it('leaves out a victim that no cell was about', () => {
    const { victims } = reportRun(spec, new Map([['v', probe]]), [cellReport('a', [])], {
      interrupted: false,
      execution,
    });
    expect(victims.map(({ name }) => name)).toEqual(['v']);
  });

  it('is as bad as its worst cell', () => {
    const fails = cellReport('a', [broken(0), broken(1), broken(2)], [], 0);
    const passes = cellReport('b', [held(0), held(1), held(2)], [], 0.99);
    expect([fails.verdict, report([fails, passes]).verdict]).toEqual(['fail', 'fail']);
    expect(report([passes]).verdict).toBe(passes.verdict);
  });

  it('judges the worst case over the samples that any attack broke, where its cells were asked for', () => {
    const cells = [
      cellReport('a', [broken(0), held(1), held(2)]),
      cellReport('b', [held(0), broken(1), held(2)]),
    ];
    const [both] = report(cells, { worstCases: [worstCase] }).worstCases!;
    expect(both.expectations[0]).toMatchObject({ metric: 'asr', measured: { value: 2 / 3, n: 3 } });
    expect(report(cells, { worstCases: [{ ...worstCase, cells: ['v/other'] }] })).not.toHaveProperty(
      'worstCases',
    );
    const shard = { index: 1, count: 2, cells: ['v/other', 'v/a'] };
    expect(report(cells, { worstCases: [worstCase] }, shard).worstCases).toHaveLength(1);
  });
});
