import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CellReport, Report } from '@gauntlet/api';
import { readReport as readChecked, reportSchema } from '@gauntlet/core';
import { gauntlet, readReport, repository, temporary, writeSpec } from './support/cli.js';

const attacks = [
  { use: 'noise', params: { epsilon: 0.1 }, expect: { asr: { max: 0.5 } } },
  {
    use: 'pgd',
    params: { epsilon: 0.1, steps: 5, restarts: 1 },
    expect: { asr: { max: 0, confidence: 0.9 } },
  },
  { use: 'fgsm', params: { epsilon: 0.1 } },
];
const folder = temporary('foreign');
const out = (name: string) => path.join(folder, name);
const run = (spec: string, name: string, ...args: string[]) =>
  gauntlet('run', spec, '-j', '0', '--output', out(name), ...args);

let genuine: Report;
let forged = 0;

/** A report with something changed by hand; gives the folder that it is in. */
function forge(change: (report: Report) => void, from = genuine): string {
  const report = structuredClone(from);
  change(report);
  const run = out(`forged-${++forged}`);
  mkdirSync(run);
  writeFileSync(path.join(run, 'report.json'), JSON.stringify(report));
  return run;
}

beforeAll(async () => {
  await run(writeSpec(folder, attacks), 'genuine');
  genuine = readReport(out('genuine'));
});

describe('a report that is read', () => {
  const complaint = (change: (report: Report) => void) => {
    const file = path.join(forge(change), 'report.json');
    try {
      readChecked(file);
    } catch (error) {
      expect((error as Error).message.startsWith(file)).toBe(true);
      return (error as Error).message.slice(file.length);
    }
    return 'nothing';
  };

  it('is taken as it is if nothing is wrong with it', () => {
    const file = path.join(
      forge(() => {}),
      'report.json',
    );
    expect(JSON.parse(JSON.stringify(readChecked(file)))).toEqual(genuine);
  });

  it('has the form of the published schema', async () => {
    const { stdout } = await gauntlet('schema', 'report');
    const published = readFileSync(
      path.join(repository, 'packages/reporters/schema/report.schema.json'),
      'utf8',
    );
    expect(stdout).toBe(published);
    const validate = new Ajv({ strict: false, discriminator: true }).compile(reportSchema);
    expect([validate(genuine), validate.errors]).toEqual([true, null]);
  });

  for (const [what, change, message] of [
    ['has no cells', (r) => (r.cells = []), /: cells: "cells" must NOT have fewer than 1 items/],
    [
      'has no outcomes',
      (r) => delete (r.cells[0] as Partial<CellReport>).outcomes,
      /: cells\[0\]: .*"outcomes"/,
    ],
    ['has null for a cell', (r) => r.cells.unshift(null as never), /: cells\[0\]: .*must be an object/],
    [
      'has a verdict of its own',
      (r) => (r.cells[0].verdict = 'fine' as 'pass'),
      /: cells\[0\]\.verdict: "verdict" must be one of/,
    ],
    [
      'names the prototype as a verdict',
      (r) => (r.verdict = '__proto__' as 'pass'),
      /: verdict: "verdict" must be one of/,
    ],
    [
      'has an unknown status',
      (r) => (r.cells[1].outcomes[2].status = 'won' as 'held'),
      /: cells\[1\]\.outcomes\[2\]\.status: /,
    ],
    [
      'has a negative number',
      (r) => (r.cells[1].outcomes[2].seconds = -1),
      /: cells\[1\]\.outcomes\[2\]\.seconds: "seconds" must be >= 0/,
    ],
    [
      'has words for a number',
      (r) => (r.seed = '1 **bold**' as unknown as number),
      /: seed: "seed" must be an integer/,
    ],
    [
      'has a norm that there is not',
      (r) => (r.cells[0].threat.norm = '`@x`' as 'l2'),
      /: cells\[0\]\.threat\.norm: /,
    ],
    [
      'has a key that leads out of the folder',
      (r) => (r.cells[0].key = '/../../../../x'),
      /: cells\[0\]\.key: "key" must match pattern/,
    ],
    [
      'has a sample twice',
      (r) => (r.cells[0].outcomes[1].index = r.cells[0].outcomes[0].index),
      / contradicts itself: cells\[0\]\.outcomes\[1\]\.index: sample 0 is there twice/,
    ],
    [
      'leaves samples out',
      (r) => r.cells[1].outcomes.pop(),
      /: cells\[1\]\.outcomes: there are 7 of 8 samples/,
    ],
    [
      'has a cell twice',
      (r) => r.cells.push(r.cells[0]),
      /: cells\[3\]\.id: there are two cells "digits\/noise"/,
    ],
    [
      'has a cell of no victim',
      (r) => (r.cells[0].victim = 'x'),
      /: cells\[0\]\.victim: there is no victim "x"/,
    ],
    [
      'has a cell of another name',
      (r) => (r.cells[0].id = 'digits/x'),
      /: cells\[0\]\.id: "digits\/x" is not "digits\/noise"/,
    ],
    [
      'passes with a failing cell',
      (r) => (r.verdict = 'pass'),
      /: verdict: it says pass, but its cells make it fail/,
    ],
    [
      'has a cell that passes with a failing expectation',
      (r) => (r.cells[1].verdict = r.verdict = 'pass'),
      /: cells\[1\]\.verdict: it says pass, but its expectations and findings make it fail/,
    ],
    [
      'has an expectation that passes above its limit',
      (r) => (r.cells[1].expectations[0].verdict = r.cells[1].verdict = r.verdict = 'pass'),
      /: cells\[1\]\.expectations\[0\]\.verdict: it says pass, but fail follows: asr is /,
    ],
    [
      'measures what its outcomes do not say',
      (r) => (r.cells[1].expectations[0].measured = { value: 0, n: 8, interval: [0, 0] }),
      /: cells\[1\]\.expectations\[0\]\.measured: 0 over 8 samples, but its outcomes make it 0\.\d+ over 8 samples/,
    ],
    [
      'shows what its outcomes do not say',
      (r) => (r.cells[1].metrics.asr!.value = 0),
      /: cells\[1\]\.metrics\.asr: 0 over 8 samples, but/,
    ],
    [
      'shows it over more samples',
      (r) => (r.cells[1].metrics.l2!.n = 800),
      /: cells\[1\]\.metrics\.l2: [\d.]+ over 800 samples, but/,
    ],
    [
      'keeps silent about what it did not judge',
      (r) => (r.cells[0].outcomes[0] = { index: 0, status: 'unassessed', reason: 'lost' }),
      /: cells\[0\]\.findings: there are none, but its outcomes make it unassessed \(inconclusive\) of 1 samples/,
    ],
    [
      'has a difference that does not follow',
      (r) => {
        const lists = {
          newlyBroken: [1, 2],
          newlyFixed: [],
          added: [],
          missing: [],
          unchanged: 6,
          pValue: 0.25,
        };
        const cell = { id: 'digits/noise', verdict: 'pass' as const, message: 'fine', ...lists };
        r.difference = { baseline: 'b', policy: { tolerance: 0 }, verdict: 'pass', cells: [cell] };
      },
      /: difference\.cells\[0\]\.verdict: it says pass, but fail follows from its samples/,
    ],
  ] as readonly [string, (report: Report) => unknown, RegExp][])
    it(`is refused if it ${what}`, () => expect(complaint(change)).toMatch(message));

  it('is refused by every command that reads one', async () => {
    const bad = forge((report) => (report.verdict = 'pass'));
    for (const args of [
      ['bless', bad, out('b.json')],
      ['compare', bad],
      ['report', bad],
      ['replay', bad, 'digits/pgd', '0'],
      ['merge', bad, '--output', out('m')],
      ['run', path.join(folder, 'test.robust.json'), '--baseline', path.join(bad, 'report.json')],
    ]) {
      const { code, stderr } = await gauntlet(...args);
      expect([args[0], code, stderr]).toEqual([args[0], 2, expect.stringContaining('verdict: it says pass')]);
    }
    expect(existsSync(out('b.json'))).toBe(false);
  });

  it('believes a plugin what it measured, but not that it is within the limit', () => {
    const claim = (value: number) => (report: Report) => {
      const measured = { value, n: 8 };
      report.cells[2].verdict = 'pass';
      report.cells[2].expectations = [{ metric: 'mine', max: 1, verdict: 'pass', measured, message: 'fine' }];
    };
    expect(complaint(claim(0.5))).toBe('nothing');
    expect(complaint(claim(1.5))).toMatch(
      /: cells\[2\]\.expectations\[0\]\.verdict: it says pass, but fail follows: mine is 1\.5 over 8 samples/,
    );
  });
});

describe('reports of shards that do not belong together', () => {
  let parts: Report[];

  beforeAll(async () => {
    const spec = path.join(folder, 'test.robust.json');
    await run(spec, 'first', '--shard', '1/2');
    await run(spec, 'second', '--shard', '2/2');
    parts = ['first', 'second'].map((name) => readReport(out(name)));
  });

  const merge = async (change: (report: Report) => void) =>
    (await gauntlet('merge', out('first'), forge(change, parts[1]), '--output', out('merged'))).stderr;

  for (const [what, change, field] of [
    ['models', (r) => (r.victims[0].hash = 'other'), 'victim digits: hash'],
    ['data', (r) => (r.dataset.hash = 'other'), 'dataset.hash'],
    ['seeds', (r) => (r.seed = 4), 'seed'],
    ['yardsticks', (r) => (r.yardstick = 'another'), 'yardstick'],
    ['tolerances', (r) => (r.maxUnassessed = 0.5), 'maxUnassessed'],
    [
      'samples',
      (r) => r.cells[0].outcomes.forEach((one, i) => (one.index = 100 + i)),
      'the samples of the cells',
    ],
    ['plans', (r) => (r.shard!.cells[2] = 'digits/other'), 'shard.cells'],
  ] as readonly [string, (report: Report) => unknown, string][])
    it(`are refused: of different ${what}`, async () =>
      expect(await merge(change)).toMatch(
        new RegExp(`forged-\\d+/report\\.json \\(${field}\\) differs from .*first/report\\.json`),
      ));

  it('are refused: of different settings of one attack', async () => {
    const spec = (name: string, epsilon: number) => {
      const both = ['a', 'b'].map((name) => ({
        name,
        model: path.join(repository, 'packages/zoo/models/digits-cnn/model.json'),
        kind: 'classifier',
        bounds: [0, 1],
      }));
      const pgd = { use: 'pgd', params: { epsilon, steps: 2, restarts: 1 } };
      return writeSpec(folder, [pgd], { victim: undefined, victims: both }, name);
    };
    mkdirSync(out('other'));
    await run(spec('two.robust.json', 0.1), 'weak', '--shard', '1/2');
    await run(spec('other/two.robust.json', 0.2), 'strong', '--shard', '2/2');
    const { code, stderr } = await gauntlet('merge', out('weak'), out('strong'), '--output', out('merged'));
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/strong\/report\.json \(attack pgd: params\) differs/),
    ]);
  });

  it('are refused: without one of their cells', async () => {
    const missing = forge((report) => report.cells.pop(), parts[0]);
    const { stderr } = await gauntlet('merge', missing, out('second'), '--output', out('merged'));
    expect(stderr).toMatch(/cells: "digits\/fgsm" of this shard is missing/);
  });

  it('are no baseline each', async () => {
    const { code, stderr } = await gauntlet('bless', out('first'), out('part.json'));
    expect([code, stderr]).toEqual([2, expect.stringMatching(/is of shard 1 of 2.*gauntlet merge first/)]);
  });
});
