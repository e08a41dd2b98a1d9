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

type Seen = Partial<Parameters<typeof reportCell>[5]>;

function cellReport(
  attack: string,
  outcomes: readonly Outcome[],
  traces?: Trace[],
  limit = 1,
  seen: Seen = {},
) {
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
    { traces: traces ?? [], otherEngines: new Set(), ...seen },
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

describe('the report of a cell, of what is not the attack', () => {
  const of = (seen: Seen, outcomes = [broken(0), held(1), broken(2)]) =>
    cellReport('a', outcomes, [], 0.99, seen);

  it('says where a gate ended, what that saved, and that it is why samples have no outcome', () => {
    const early = of({ decidedAfter: 2 }, [held(0), held(1)]);
    expect(early.early).toEqual({ samples: 2, saved: 1 });
    expect(early.outcomes[2].reason).toBe('what is expected was decided before it');
    expect(of({})).not.toHaveProperty('early');
  });

  it('says which examples it tried and how many it keeps', () => {
    expect(of({ keepsExamples: true }).examples).toEqual({ kept: 2 });
    const examples = { baseline: 'before', sha256: 'f00', rows: [] } as unknown as Seen['examples'];
    expect(of({ examples }).examples).toEqual({ tried: { baseline: 'before', sha256: 'f00' } });
    expect(of({})).not.toHaveProperty('examples');
  });

  it('names other engines that computed samples, in an order of their own', () => {
    expect(of({ otherEngines: new Set(['tfjs:wasm', 'onnx:cpu']) }).otherEngines).toEqual([
      'onnx:cpu',
      'tfjs:wasm',
    ]);
    expect(of({})).not.toHaveProperty('otherEngines');
    expect(of({ estimator: 'Gaussian' }).estimator).toBe('Gaussian');
  });
});

describe('the report of a run', () => {
  const report = (
    cells: ReturnType<typeof cellReport>[],
    rest: Partial<Spec> = {},
    shard?: Report['shard'],
  ) => reportRun({ ...spec, ...rest }, probes, cells, { interrupted: false, shard, execution });

  it('says where a model lies from the folder of the spec on, and names a plugin as the spec does', () => {
    const { spec: name, victims, dataset } = report([cellReport('a', [held(0), held(1), held(2)])]);
    expect(name).toBe('test.robust.yaml');
    expect(dataset).toEqual({
      name: 'digits',
      n: 3,
      imageShape: [2, 2, 1],
      classNames: undefined,
      hash: 'data',
    });
    expect(victims.map(({ model }) => model)).toEqual(['../models/v.onnx', 'package#victim']);
  });

  it('leaves out a victim that no cell was about', () => {
    const { victims } = reportRun(spec, new Map([['v', probe]]), [cellReport('a', [])], {
      interrupted: false,
      execution,
    });
    expect(victims.map(({ name }) => name)).toEqual(['v']);
  });

  it('says of a victim with randomness how it was judged and seen, and of another nothing', () => {
    const cells = [cellReport('a', [held(0), held(1), held(2)])];
    const notes = (examination: object, config: object) => {
      const seen = { ...probe, victim: { ...probe.victim, notes: ['a note'] }, examination } as ProbeResult;
      const [victim] = victims;
      const one = { ...spec, victims: [{ ...victim, ...config }] as Spec['victims'] };
      return reportRun(one, new Map([['v', seen]]), cells, { interrupted: false, execution }).victims[0];
    };
    const random = { range: [0, 1], repeat: 0.1 };
    const both = notes(random, { eot: 8, repeats: { draws: 9, share: 0.5 } });
    expect(both.notes).toEqual([
      'a note',
      'The victim says something else each time: broken means in at least 50 % of 9 draws; attacks see the mean of 8 passes.',
    ]);
    expect(both).toMatchObject({ eot: 8, repeats: { draws: 9, share: 0.5 } });
    expect(notes(random, { eot: 8 }).notes[1]).toBe(
      'The victim says something else each time: attacks see the mean of 8 passes.',
    );
    expect(notes(random, {}).notes).toEqual(['a note']);
    const still = notes({ range: [0, 1], repeat: 0 }, { eot: 8 });
    expect(still.notes).toEqual(['a note']);
    expect(notes({ range: [0, 1], repeat: 0 }, {})).not.toHaveProperty('eot');
    expect(notes({ range: [0, 1], repeat: 0 }, {})).not.toHaveProperty('repeats');
    // How much a victim takes is for the run, not for its readers.
    expect(still).not.toHaveProperty('bytesPerSample');
  });

  it('is as bad as its worst cell, and as its worst case', () => {
    const cells = [
      cellReport('a', [broken(0), held(1), held(2)], [], 0.5),
      cellReport('b', [held(0), broken(1), held(2)], [], 0.5),
    ];
    const limit = {
      ...worstCase,
      expectations: [{ metric: 'asr', max: 0.5 }] as WorstCaseEntry['expectations'],
    };
    expect(report(cells).verdict).toBe('pass');
    expect(report(cells, { worstCases: [limit] }).verdict).toBe('fail');
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
