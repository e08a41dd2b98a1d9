import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { CellReport, Finding, Report } from '@gauntlet/api';
import { headToHead } from '@gauntlet/core';
import {
  annotations,
  comparisonMarkdown,
  comparisonSummary,
  hasColour,
  historyOf,
  junitXml,
  markdown,
  noColours,
  plainLines,
  replayCommand,
  reportText,
  summary,
  terminalReporter,
  widthOf,
} from '@gauntlet/reporters';
import { html } from '@gauntlet/reporters/page';
import { retrainJunit, type RetrainReport, retrainSummary } from '@gauntlet/retraining';
import { hostile, reportWith } from '@gauntlet/testing';
import { temporary } from './support/cli.js';
import { checkWrittenJunit, junitProblems } from './support/junit.js';
import { itWithRealData } from './support/needs.js';

async function terminalText(report: Report, quiet = false): Promise<string> {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream & PassThrough;
  const reporter = terminalReporter({ stream, folder: '/runs/one', live: false, colour: false, quiet });
  await reporter.onEvent({ type: 'note', message: report.victims[0].notes[0] });
  for (const cell of report.cells) await reporter.onEvent({ type: 'cell-done', cell, reused: false });
  await reporter.onEvent({ type: 'run-done', report });
  stream.end();
  return ((await stream.toArray()) as Buffer[]).map(String).join('');
}

describe.each([
  ['near-chance', 'near chance'],
  ['collapsed', 'collapsed'],
] as const)('a model that knows nothing: %s', (of, label) => {
  const message = 'The model is right on 1 of 10 samples.';
  const near = (accepted?: boolean): Report => {
    const report = reportWith('v');
    const finding: Finding = {
      code: of,
      severity: 'warning',
      message,
      samples: [],
      ...(accepted && { accepted }),
    };
    return { ...report, cells: report.cells.map((cell) => ({ ...cell, findings: [finding] })) };
  };

  it('is said once, before any table, on the terminal, in Markdown and on the page', async () => {
    const terminal = await terminalText(near());
    expect(terminal.indexOf(`! v: ${message}`)).toBeGreaterThan(-1);
    expect(terminal.indexOf(`! v: ${message}`)).toBeLessThan(terminal.indexOf('┌'));
    const text = markdown(near(), '/runs/one');
    expect(text.indexOf(`⚠️ \`v: ${message}\``)).toBeGreaterThan(-1);
    expect(text.indexOf(message)).toBeLessThan(text.indexOf('| victim'));
    const page = html(near(), '/runs/one');
    expect(page.split(`! ${label}`)).toHaveLength(2);
    expect(page.indexOf(`! ${label}`)).toBeLessThan(page.indexOf('</header>'));
  });

  it('is not, where the spec accepts it', () => {
    expect(html(near(true), '/runs/one')).not.toContain(`! ${label}`);
    expect(markdown(near(true), '/runs/one')).not.toContain(`⚠️ \`v: ${message}`);
  });
});

describe('the number of a victim', () => {
  /** A robust accuracy for each ε, one attack each; the spec expects something of the last one. */
  const under = (accuracies: Record<string, number>): Report => {
    const report = reportWith('v');
    const cells = Object.entries(accuracies).map(([epsilon, value], i, all) => ({
      ...report.cells[0],
      attack: `pgd ${epsilon}`,
      threat: { norm: 'linf' as const, epsilon: Number(epsilon) },
      expectations: i === all.length - 1 ? report.cells.flatMap((one) => one.expectations).slice(0, 1) : [],
      metrics: { robustAccuracy: { value, n: 7, interval: [0, 1] as [number, number] } },
    }));
    return { ...report, cells };
  };

  it('is one for each threat model, what the spec is about first', async () => {
    const report = under({ 0.1: 0.75, 0.9: 0.25 });
    const worst = (value: string, epsilon: string) =>
      `v: accuracy under attack at worst ${value} % (pgd ${epsilon}, linf ≤ ${epsilon}; n = 7)`;
    for (const text of [await terminalText(report), markdown(report, '/runs/one')]) {
      expect(text).toContain(worst('75.0', '0.1'));
      expect(text.indexOf(worst('25.0', '0.9'))).toBeGreaterThan(-1);
      expect(text.indexOf(worst('25.0', '0.9'))).toBeLessThan(text.indexOf(worst('75.0', '0.1')));
    }
    expect(html(report, '/runs/one')).toMatch(
      /25\.0 %<\/strong> accuracy under linf ≤ 0\.9<br.*75\.0 %<\/strong>/,
    );
  });

  it('is none where every attack is inconclusive, and leaves those out that are where others are not', async () => {
    const report = under({ 0.1: 0.75, 0.2: 0.75 });
    const held = report.cells[0].outcomes.filter(({ status }) => status === 'held');
    const [weak, sound] = report.cells.map((cell) => ({ ...cell, outcomes: held }));
    const inconclusive = { ...weak, verdict: 'inconclusive' as const };
    const alone = { ...report, cells: [inconclusive] };
    for (const text of [await terminalText(alone), markdown(alone, '/runs/one')])
      expect(text).toContain('v: nothing is known under linf ≤ 0.1: pgd 0.1 inconclusive');
    expect(html(alone, '/runs/one')).toMatch(/Nothing is known under linf ≤ 0\.1<br/);
    expect(html(alone, '/runs/one')).not.toContain('class="headline"');
    expect(historyOf([alone])).toEqual([]);
    const both = { ...report, cells: [inconclusive, { ...sound, threat: weak.threat }] };
    expect(await terminalText(both)).toContain('v: no failure found by pgd 0.2 (linf ≤ 0.1)');
  });

  it('is left to the table from the fifth threat model on, which is said', async () => {
    const report = under({ 0.1: 0.6, 0.2: 0.5, 0.3: 0.4, 0.4: 0.3, 0.5: 0.2, 0.6: 0.1 });
    const text = await terminalText(report);
    expect(text.match(/at worst/g)).toHaveLength(4);
    expect(text).toContain('v: and 2 more threat models in the table');
    expect(html(report, '/runs/one')).toContain('and 2 more threat models in the table');
  });
});

describe('a limit that only a weak attack can miss', () => {
  const cellWith = (verdict: 'pass' | 'fail', limits: object[]): Report => {
    const report = reportWith('v');
    const [cell] = report.cells;
    const [expectation] = cell.expectations;
    const expectations = limits.map((limit) => ({ ...expectation, max: undefined, verdict, ...limit }));
    return { ...report, verdict, worstCases: [], cells: [{ ...cell, findings: [], verdict, expectations }] };
  };
  const everywhere = async (report: Report) => [
    (await terminalText(report)).includes('✓ worked v/pass'),
    markdown(report, '/runs/one').includes('| ✓ worked | `v`'),
    html(report, '/runs/one').includes('<td><span class="verdict worked">'),
  ];

  it('is told from one on the model, on the terminal, in Markdown and on the page', async () => {
    expect(await everywhere(cellWith('pass', [{ min: 0.4 }]))).toEqual([true, true, true]);
    expect(await everywhere(cellWith('pass', [{ max: 0.6 }]))).toEqual([false, false, false]);
    // Where a limit on the model is kept as well, the model passes.
    expect(await everywhere(cellWith('pass', [{ min: 0.4 }, { metric: 'linf', max: 1 }]))).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('says what the attack did and how to look at it: a pass of the spec is no praise of the model', async () => {
    expect(await terminalText(cellWith('pass', [{ min: 0.4 }]))).toContain(
      'v/pass breaks 1 of 1 samples, as the spec expects; look at one: gauntlet replay /runs/one v/pass 4\n',
    );
    expect(await terminalText(cellWith('pass', [{ max: 0.6 }]))).not.toContain('as the spec expects');
  });

  it('still fails the build', async () => {
    const report = cellWith('fail', [{ min: 0.6 }, { metric: 'linf', max: 1, verdict: 'pass' }]);
    const text = await terminalText(report);
    expect(text).toMatch(/✗ too weak v\/pass\n {2}asr is 0\.5/);
    expect(text).toMatch(/✗ fail \(interrupted/);
    expect(await terminalText(cellWith('fail', [{ min: 0.6 }, { metric: 'linf', max: 1 }]))).toContain(
      '✗ fail v/pass',
    );
  });
});

describe('JUnit', () => {
  it('counts failures and errors, and says what is what', () => {
    const xml = junitXml(reportWith('v'), '/runs/one');
    expect(xml).toMatch(/<testsuite [^>]*name="v × v"[^>]*tests="6"[^>]*failures="1" errors="2"/);
    expect(xml).toMatch(/<failure message="asr is 0\.5 v" type="expectation">/);
    expect(xml).toMatch(/<error message="v" type="unassessed">/);
    expect(xml).toMatch(/<property name="seed" value="1"\/>/);
    expect(xml).toContain('replay: gauntlet replay /runs/one v/fail 4');
  });

  for (const text of ['v', ...hostile]) {
    it(`is valid with ${JSON.stringify(text.slice(0, 30))} in every field`, async () => {
      const report = reportWith(text);
      const cell = { message: text, newlyBroken: [4], newlyFixed: [], unchanged: 0, added: [], missing: [] };
      const cells = (['pass', 'fail', 'inconclusive'] as const).map((verdict) => ({
        ...cell,
        id: `${text}/${verdict}`,
        verdict,
      }));
      const difference = { baseline: text, policy: { tolerance: 0 }, verdict: 'fail' as const, cells };
      expect(junitProblems(junitXml(report, `/runs/${text}`))).toEqual([]);
      // eslint-disable-next-line no-control-regex
      expect(junitXml(report, `/runs/${text}`)).not.toMatch(/[\u001b\u007f-\u009f]|\p{Bidi_Control}/u);
      expect(junitProblems(junitXml({ ...report, difference }, `/runs/${text}`))).toEqual([]);
    });
  }

  for (const seconds of [0, 1e-9, 0.0005, 0.6388198209999987, 29.357710090000026, 1e9]) {
    it(`is valid where a sample took ${seconds} s`, async () => {
      const report = reportWith('v');
      const [cell] = report.cells;
      const outcomes = [{ ...cell.outcomes[0], seconds }];
      const xml = junitXml({ ...report, cells: [{ ...cell, outcomes }] }, '/runs/one');
      expect(junitProblems(xml)).toEqual([]);
    });
  }

  it('is valid without victims or cells', async () => {
    const report = reportWith('v');
    expect(junitProblems(junitXml({ ...report, cells: [] }, '/runs/one'))).toEqual([]);
    expect(junitProblems(junitXml({ ...report, victims: [], cells: [] }, '/runs/one'))).toEqual([]);
  });
});

describe('the check of JUnit files', () => {
  const suite = (attributes: string, cases = '') =>
    `<testsuites tests="1" failures="0" errors="0"><testsuite name="a" tests="1" failures="0" errors="0" ${attributes}>${cases || '<testcase classname="v" name="a"/>'}</testsuite></testsuites>`;

  it('finds nothing in what is right', async () => {
    expect(junitProblems(suite('time="0.638" timestamp="2026-01-02T03:04:05"'))).toEqual([]);
  });

  for (const [what, xml] of [
    ['a time of more than three decimals', suite('time="0.6388198209999987"')],
    ['a time with an exponent', suite('time="1e-7"')],
    ['a time that is no number', suite('time="NaN"')],
    ['a date with a fraction', suite('timestamp="2026-01-02T03:04:05.678Z"')],
    ['an empty name', suite('', '<testcase classname="v" name=""/>')],
    [
      'a case in a case',
      suite('', '<testcase classname="v" name="a"><testcase classname="v" name="b"/></testcase>'),
    ],
    [
      'two cases of one name',
      suite('', '<testcase classname="v" name="a"/><testcase classname="v" name="a"/>'),
    ],
    ['a wrong count', suite('', '<testcase classname="v" name="a"/><testcase classname="v" name="b"/>')],
    ['a control character', suite('', '<testcase classname="v" name="&#1;"/>')],
    ['an attribute that no schema knows', suite('tries="2"')],
  ] as const) {
    it(`finds ${what}`, async () => expect(junitProblems(xml)).not.toEqual([]));
  }

  it('finds what is wrong with a file that a command has written, and names it', async () => {
    const folder = temporary('junit');
    const file = path.join(folder, 'junit.xml');
    const check = (xml: string) => {
      writeFileSync(file, xml);
      checkWrittenJunit(['run', '--output', folder], folder, 0);
    };
    check(suite('time="0.638"'));
    expect(() => check(suite('time="0.6388198209999987"'))).toThrow(`${file} is no valid JUnit:\n1: `);
    expect(() => check(suite('', '<testcase classname="v" name="a"/>'.repeat(2)))).toThrow(
      /there are 2 tests/,
    );
  });

  itWithRealData("asks the schema of Jenkins' xunit plugin, too", async () => {
    expect(junitProblems(suite('time="0.6388198209999987"'))).toHaveLength(2);
  });
});

describe('terminal', () => {
  it('shows the table, what did not pass, and how to look at it', async () => {
    const text = await terminalText(reportWith('v'));
    expect(text).toMatch(/│ v +│ fail v +│/);
    expect(text).toMatch(
      /✗ fail v\/fail\n {2}asr is 0\.5 v\n {2}samples 4; look at one: gauntlet replay \/runs\/one v\/fail 4/,
    );
    expect(text).toMatch(/! v\/pass: v \[straddles-limit\]/);
    expect(text).toMatch(/interrupted; go on with --resume/);
  });

  it('says nothing quietly but what did not pass', async () => {
    const lines = (await terminalText(reportWith('v'), true)).split('\n');
    expect(lines).toEqual([
      '✗ fail v/fail',
      expect.stringMatching(/asr is 0\.5/),
      expect.stringMatching(/samples 4; look at one/),
      '',
      '? inconclusive v/inconclusive',
      expect.any(String),
      expect.stringMatching(/samples 4; look at one/),
      '',
      '? inconclusive v/none',
      expect.any(String),
      expect.stringMatching(/samples 4; look at one/),
      '',
      '✗ fail v (interrupted; go on with --resume) in 1.0 s on 2 workers, tfjs:wasm',
      '',
    ]);
    const passing = { ...reportWith('v'), verdict: 'pass' as const, cells: [], interrupted: false };
    expect(await terminalText(passing, true)).toBe('✓ pass v in 1.0 s on 2 workers, tfjs:wasm\n');
  });

  for (const text of hostile) {
    it(`stays harmless with ${JSON.stringify(text.slice(0, 30))}`, async () => {
      const printed = (await terminalText(reportWith(text))) + (await terminalText(reportWith(text), true));
      // eslint-disable-next-line no-control-regex -- that there are none is what is tested
      expect(printed).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      // Nor does anything turn the direction of the text, or tell a CI server what to do.
      expect(printed).not.toMatch(/\p{Bidi_Control}|\u2028/u);
      expect(printed).not.toMatch(/^\s*::|##\[/m);
      expect(Math.max(...printed.split('\n').map((line) => line.length))).toBeLessThan(1100);
    });
  }
});

it('report.json says the same with what a terminal obeys escaped', () => {
  for (const text of [...hostile, '\u009b31m', '\u007f\u200f\u2067']) {
    const report = reportWith(text);
    const written = [...reportText(report)].join('');
    // eslint-disable-next-line no-control-regex
    expect(written).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|\p{Bidi_Control}/u);
    expect(JSON.parse(written)).toEqual(report);
  }
});

it('an error keeps its lines, and none of them is a command', () => {
  expect(plainLines('no "a\n  ::stop-commands::x\r::y\u001b[0m"')).toBe(
    'no "a\n  : :stop-commands::x�::y�[0m"',
  );
  expect(plainLines('of ##[add-mask]x and ##vso[task.x]')).toBe('of # #[add-mask]x and # #vso[task.x]');
});

it('replay commands are safe to paste', () => {
  expect(replayCommand('/my runs', "it's/pgd", 3)).toBe(
    String.raw`gauntlet replay '/my runs' 'it'\''s/pgd' 3`,
  );
});

describe('Markdown', () => {
  it('has a table, what did not pass, and the baseline', () => {
    const report: Report = {
      ...reportWith('v'),
      difference: {
        baseline: 'b.json',
        policy: { tolerance: 0 },
        verdict: 'fail',
        cells: [
          {
            id: 'v/pass',
            verdict: 'fail',
            message: '1 newly broken',
            newlyBroken: [4],
            newlyFixed: [],
            unchanged: 0,
            added: [],
            missing: [],
          },
        ],
      },
    };
    const text = markdown(report, '/runs/one');
    expect(text.indexOf('**❌ fail** `v/fail`')).toBeLessThan(text.indexOf('| victim'));
    expect(text).toContain('### ❌ fail `v` (interrupted)');
    expect(text).toContain('| ✅ pass | `v` | `pass v` | – | – | 50.0 % [10, 90] | 2 |');
    expect(text).toContain('- `asr is 0.5 v`');
    expect(text).toContain('- look at it: `gauntlet replay /runs/one v/fail 4`');
    expect(text).toContain('- ❌ fail `v/pass`: `1 newly broken`');
  });

  for (const text of hostile) {
    it(`keeps ${JSON.stringify(text.slice(0, 30))} in code spans`, () => {
      const lines = markdown(reportWith(text), '/runs/one').split('\n');
      for (const line of lines) {
        // eslint-disable-next-line no-control-regex
        expect(line).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|\p{Bidi_Control}/u);
        // Outside of code spans there is nothing of the user's.
        expect(line.replaceAll(/`[^`]*`/g, '')).not.toMatch(/[<`@]|script|\bred/);
      }
      const rows = lines.filter((line) => line.startsWith('|'));
      const cells = rows.map((line) => line.split(/(?<!\\)\|/).length);
      expect(new Set(cells).size).toBe(1);
    });
  }
});

describe('GitHub', () => {
  it('annotates what did not pass', () => {
    expect(annotations(reportWith('v'))).toEqual([
      '::error file=v,title=v/fail%3A asr::asr is 0.5 v',
      '::warning file=v,title=v/inconclusive%3A inconclusive::v [unassessed]',
      '::warning file=v,title=v/none%3A inconclusive::v [unassessed]',
      '::notice file=v,title=v/pass::v [straddles-limit]',
    ]);
  });

  for (const text of [...hostile, '::error::x', 'a,title=b', '100%0A::warning::x']) {
    it(`takes ${JSON.stringify(text.slice(0, 30))} for no command`, () => {
      for (const line of annotations(reportWith(text))) {
        expect(line).toMatch(/^::(error|warning|notice) file=[^,:]*,title=[^,:]*::/);
        // eslint-disable-next-line no-control-regex
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]|%0[aAdD]|\p{Bidi_Control}|##\[/u);
      }
    });
  }
});

describe('a retraining', () => {
  const report = (text: string): RetrainReport => {
    const row = {
      protocol: 'equal-epochs',
      added: [2],
      asr: [0.5],
      steps: [4],
      errors: [0.1],
      mean: 0.1,
      improvement: -0.2,
      improvementOverControl: 0.1,
    } as const;
    const metrics = {
      pass: 'testError',
      fail: 'improvement',
      inconclusive: 'improvementOverControl',
    } as const;
    const expectation = (verdict: keyof typeof metrics) => ({
      attack: text,
      protocol: 'equal-epochs' as const,
      metric: metrics[verdict],
      min: 0.05,
      value: -0.2,
      verdict,
      message: `improvement is −0.2 ${text}`,
    });
    return {
      format: 'gauntlet-retrain',
      version: 1,
      gauntlet: '0.1.0',
      spec: text,
      victim: text,
      model: text,
      trainer: text,
      engine: 'tfjs:wasm',
      seeds: [1],
      epochs: 2,
      batchSize: 1,
      include: 'all',
      target: 'clean',
      training: { name: text, n: 2, hash: 'h' },
      test: { n: 2, hash: 'h' },
      originalError: 0.08,
      originalVarianceKept: 0.9,
      rows: [
        {
          ...row,
          added: [...row.added],
          asr: [...row.asr],
          steps: [4],
          errors: [0.1],
          varianceKept: [0.9],
          attack: text,
        },
        {
          ...row,
          added: [0],
          asr: [],
          steps: [2],
          errors: [0.09, 0.11],
          varianceKept: [0.9, 0.8],
          std: 0.014,
        },
      ],
      expectations: [expectation('pass'), expectation('fail'), expectation('inconclusive')],
      verdict: 'fail',
      seconds: 1,
    };
  };

  it('is a table and a JUnit file', () => {
    const text = retrainSummary(report('mine-uae'), noColours);
    expect(text).toContain('equal-epochs');
    expect(text).toMatch(/mine-uae +│ 2 +│ 4 +│ 0\.1 +│ -20\.0 % +│ \+10\.0 % +│ 50\.0 %/);
    expect(text).toMatch(/nothing added +│ 0 +│ 2 +│ 0\.1 ± 1\.4e-2/);
    expect(text).toContain('✗ fail mine-uae: improvement is −0.2');
    expect(retrainJunit(report('mine-uae'))).toMatch(/<testsuites tests="3" failures="1" errors="1">/);
  });

  for (const text of hostile) {
    it(`is harmless with ${JSON.stringify(text.slice(0, 30))} in every field`, async () => {
      expect(junitProblems(retrainJunit(report(text)))).toEqual([]);
      // eslint-disable-next-line no-control-regex
      expect(retrainSummary(report(text), noColours)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    });
  }
});

describe('the table of cells on a terminal', () => {
  const report = reportWith('victim');
  const measured = { value: 0.5, n: 2 };
  for (const { metrics } of report.cells)
    for (const name of ['cleanAccuracy', 'mi', 'mi.relative', 'mi.own', 'ssim', 'l2', 'linf'] as const)
      metrics[name] = measured;
  const table = (width: number) =>
    summary(report, 'run', noColours, width)
      .split('\n')
      .filter((line) => /^[│┌└]/.test(line));
  const head = (width: number) =>
    table(width)[1]
      .split('│')
      .map((name) => name.trim());

  it.each([60, 80, 120, 200])('fits into %i columns', (width) => {
    for (const line of table(width)) expect(line.length).toBeLessThanOrEqual(width);
  });

  it('keeps attack, success rate and verdict, and drops the rest as room gets less', () => {
    expect(head(Infinity)).toEqual(
      expect.arrayContaining(['victim', 'own MI', 'SSIM', 'MI (rel.)', 'L∞', 's']),
    );
    expect(head(80)).not.toContain('own MI');
    expect(head(1).filter(Boolean)).toEqual(['attack', 'ASR [95 %]', 'verdict']);
  });

  it('has no column that no cell has a number for', async () => {
    const report = reportWith('v');
    const onlyAsr = ({ metrics: { asr }, ...cell }: CellReport): CellReport => ({
      ...cell,
      metrics: { asr },
    });
    const without = { ...report, cells: report.cells.map(onlyAsr) };
    const withOne = structuredClone(without);
    withOne.cells[0].metrics.ssim = { value: 0.625, n: 1 };
    const titles = (text: string) => text.split('\n').find((line) => line.includes('│ attack'));
    expect(titles(await terminalText(without))).not.toMatch(/SSIM|own MI|MI \(rel/);
    expect(titles(await terminalText(withOne))).toMatch(/│ SSIM +│ s /);
    expect(html(without, '/runs/one')).not.toMatch(/<th[^>]*>(<[^>]*>)?MI rel\./);
  });

  it('is as wide and as coloured as the environment says, else as the terminal', () => {
    const stdout = { columns: 90, hasColors: () => true };
    expect(widthOf({ stdout, env: {} })).toBe(90);
    expect(widthOf({ stdout, env: { COLUMNS: '70' } })).toBe(70);
    expect(widthOf({ stdout: {}, env: { COLUMNS: 'wide' } })).toBe(Infinity);
    const colour = (env: Record<string, string>, of: { hasColors?: () => boolean } = stdout) =>
      hasColour({ stdout: of, env });
    expect([colour({}), colour({}, {}), colour({ FORCE_COLOR: '1' }, {})]).toEqual([true, false, true]);
    expect([colour({ FORCE_COLOR: '0' }), colour({ NO_COLOR: '1', FORCE_COLOR: '1' })]).toEqual([
      false,
      false,
    ]);
  });
});

describe('a comparison', () => {
  for (const text of hostile) {
    it(`is harmless with ${JSON.stringify(text.slice(0, 30))} in every field`, () => {
      const comparison = headToHead(reportWith(text));
      // eslint-disable-next-line no-control-regex
      expect(comparisonSummary(comparison, noColours)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
      const lines = comparisonMarkdown(comparison).split('\n');
      for (const line of lines) {
        // eslint-disable-next-line no-control-regex
        expect(line).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
        expect(line.replaceAll(/`[^`]*`/g, '')).not.toMatch(/[<`@]|script|\bred\b/);
      }
      const cells = lines
        .filter((line) => line.startsWith('|'))
        .map((line) => line.split(/(?<!\\)\|/).length);
      expect(new Set(cells).size).toBe(1);
    });
  }
});

describe('HTML', () => {
  const tags = (page: string) =>
    [...page.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map(([, name]) => name.toLowerCase());

  /** With everything that a page may show. */
  const full = (text: string): Report => {
    const report = reportWith(text);
    const [cell] = report.cells;
    const trace = { index: 4, gradients: [1, 2], forwards: [1, 2], criterion: [1, -1], mi: [3, 2] };
    const outcomes = [4, 5].map((index) => ({
      ...cell.outcomes[0],
      index,
      linf: index / 10,
      l2: index,
      gradients: 2,
      forwards: 2,
      gradientsToSuccess: 1,
      forwardsToSuccess: 1,
      cleanConfidence: 0.9,
      confidence: 0.8,
      reason: text,
    }));
    const swept = [0.1, 0.2].map((value): CellReport => ({
      ...cell,
      id: `${text}/${value}`,
      attack: `${text} ${value}`,
      sweep: { of: text, param: text, value },
      criterion: text,
      traces: [trace],
      outcomes,
    }));
    const difference = {
      baseline: text,
      policy: { tolerance: 0 },
      verdict: 'fail' as const,
      cells: [
        {
          id: text,
          verdict: 'fail' as const,
          message: text,
          newlyBroken: [4],
          newlyFixed: [],
          unchanged: 0,
          added: [],
          missing: [],
        },
      ],
    };
    const unassessed = { index: 9, status: 'unassessed' as const, reason: text };
    const cells = [
      ...report.cells,
      ...swept,
      { ...cell, id: `${text}/last`, attack: `${text} last`, outcomes: [...outcomes, unassessed] },
    ];
    return { ...report, dataset: { ...report.dataset, classNames: [text, text, text] }, cells, difference };
  };
  const galleries = (report: Report) =>
    new Map(
      report.cells.map(({ id, outcomes }) => [
        id,
        {
          amplified: 3,
          exhibits: [
            { outcome: outcomes[0], views: [{ name: 'original', image: 'data:image/png;base64,AAAA' }] },
          ],
        },
      ]),
    );
  const pageOf = (report: Report) => html(report, `/runs/${report.spec}`, galleries(report));

  it('is one document under a policy that lets nothing in', () => {
    const page = pageOf(full('v'));
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).toContain("default-src 'none'; img-src data:; style-src 'sha256-");
    expect(page).not.toMatch(/(?:src|href)="(?!#|data:image\/png;base64,)/);
    expect(page).not.toMatch(/ style="| on[a-z]+="/);
  });

  const plain = pageOf(full('v'));
  for (const text of hostile) {
    it(`has the same elements with ${JSON.stringify(text.slice(0, 30))} in every field`, () => {
      const page = pageOf(full(text));
      expect(tags(page)).toEqual(tags(plain));
      // eslint-disable-next-line no-control-regex
      expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]|\p{Bidi_Control}/u);
      // A lone surrogate would not come back from UTF-8.
      expect(Buffer.from(page).toString()).toBe(page);
      expect(page.length).toBeLessThan(120_000);
    });
  }
});
