import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Report } from '@gauntlet/api';
import { historyOf, historyTables, noColours, reportText } from '@gauntlet/reporters';
import { historyChart } from '@gauntlet/reporters/history-chart';
import { hostile, reportWith } from '@gauntlet/testing';
import { gauntlet, readReport, temporary, writeSpec } from './support/cli.js';
import { itWithChromium, openChromium } from './support/chromium.js';

/** A run of a day with a robust accuracy under each of two attacks. */
function runOf(
  day: number,
  accuracies: [number, number],
  rest: (report: Report) => void = () => undefined,
): Report {
  const report = reportWith('v');
  const metric = (value: number) => ({ value, n: 10, interval: [value / 2, 1] as [number, number] });
  report.cells = report.cells.slice(0, 2).map((cell, i) => ({
    ...cell,
    metrics: { robustAccuracy: metric(accuracies[i]) },
  }));
  report.execution.startedAt = `2026-01-${String(day).padStart(2, '0')}T03:04:05.678Z`;
  rest(report);
  return report;
}

describe('the history of victims', () => {
  it('is the worst of each run in the order of time, with its attack and its commit', () => {
    const [history, ...others] = historyOf([
      runOf(3, [0.4, 0.7], ({ execution }) => (execution.commit = 'f'.repeat(40))),
      runOf(1, [0.9, 0.8]),
    ]);
    expect(others).toEqual([]);
    expect(history.moments.map(({ value, label, by, changed }) => [value, label, by, changed])).toEqual([
      [0.8, '2026-01-01', 'fail v', false],
      [0.4, 'ffffffff', 'pass v', false],
    ]);
    expect(history.threat).toBe('linf ≤ 0.1');
  });

  it('keeps threat models apart: a large ε would be the number of every run', () => {
    const large = (report: Report) => {
      report.cells[1].threat = { ...report.cells[1].threat, epsilon: 1 };
    };
    const histories = historyOf([runOf(1, [0.9, 0], large), runOf(2, [0.7, 0], large)]);
    expect(histories.map(({ threat, moments }) => [threat, moments.map(({ value }) => value)])).toEqual([
      ['linf ≤ 0.1', [0.9, 0.7]],
      ['linf ≤ 1', [0, 0]],
    ]);
    expect(historyTables(histories, noColours)).toMatch(/v, linf ≤ 0\.1; v\n[^]*v, linf ≤ 1; v\n/);
    expect(historyChart(histories)).toContain('v, linf ≤ 1; v');
  });

  it('breaks where attacks or data are others: such numbers are no curve', () => {
    const runs = [
      runOf(1, [0.9, 0.8]),
      runOf(2, [0.7, 0.8], ({ cells }) => (cells[0].params = { epsilon: 0.2 })),
      runOf(3, [0.7, 0.8], ({ cells }) => (cells[0].params = { epsilon: 0.2 })),
      runOf(4, [0.7, 0.8], ({ dataset, cells }) => {
        cells[0].params = { epsilon: 0.2 };
        dataset.hash = 'other';
      }),
    ];
    const histories = historyOf(runs);
    expect(histories[0].moments.map(({ changed }) => changed)).toEqual([false, true, false, true]);
    expect(historyTables(histories, noColours).match(/other attacks or data/g)).toHaveLength(2);
    expect(historyChart(histories).match(/<path /g)).toHaveLength(3);
  });

  it('breaks where features are held to other rules, though the ball is the same', () => {
    const fixed = runOf(2, [0.9, 0.8], ({ cells }) =>
      cells.forEach(({ threat }) => (threat.features = { immutable: [0] })),
    );
    const [{ moments }] = historyOf([runOf(1, [0.7, 0.8]), fixed]);
    expect(moments.map(({ changed }) => changed)).toEqual([false, true]);
  });

  it('keeps victims and specs apart, and turns an autoencoder’s success rate round', () => {
    const autoencoder = runOf(2, [0.1, 0.1], (report) => {
      report.victims[0].kind = 'autoencoder';
      report.spec = 'other';
      report.cells.forEach((cell, i) => {
        cell.metrics = { asr: { value: [0.2, 0.3][i], n: 5, interval: [0.25, 0.5] } };
      });
    });
    const histories = historyOf([runOf(1, [0.9, 0.8]), autoencoder]);
    expect(histories.map(({ spec, moments }) => [spec, moments[0].value, moments[0].interval])).toEqual([
      ['v', 0.8, [0.4, 1]],
      ['other', 0.7, [0.5, 0.75]],
    ]);
  });

  for (const text of hostile)
    it(`is harmless with ${JSON.stringify(text.slice(0, 30))} in every field`, () => {
      const report = runOf(1, [0.9, 0.8]);
      const victims = report.victims.map((victim) => ({ ...victim, name: text }));
      const cells = report.cells.map((cell) => ({ ...cell, victim: text, attack: text }));
      const histories = historyOf([{ ...report, spec: text, victims, cells }]);
      const printed = historyTables(histories, noColours) + historyChart(histories);
      // eslint-disable-next-line no-control-regex
      expect(printed).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|\p{Bidi_Control}/u);
      // Nor does anything in it end what XML does not let end there.
      expect(historyChart(histories)).not.toMatch(/<script|<img|onerror="|\]\]>/);
    });
});

describe('gauntlet history', () => {
  const folder = temporary('history');
  const save = (name: string, report: Report) => {
    mkdirSync(path.join(folder, name), { recursive: true });
    writeFileSync(path.join(folder, name, 'report.json'), [...reportText(report)].join(''));
  };

  it('reads runs and folders of runs', async () => {
    const spec = writeSpec(folder, [{ use: 'noise', params: { epsilon: 0.1 } }]);
    const commit = '0123456789abcdef0123456789abcdef01234567';
    for (const name of ['one', 'two'])
      expect((await gauntlet('run', spec, '-j', '0', '--output', path.join(folder, 'runs', name))).code).toBe(
        0,
      );
    const report = readReport(path.join(folder, 'runs/two'));
    save('runs/two', { ...report, execution: { ...report.execution, commit } });
    const svg = path.join(folder, 'out.svg');
    const { code, stdout } = await gauntlet('history', path.join(folder, 'runs'), '--svg', svg);
    expect(code).toBe(0);
    expect(stdout).toMatch(/digits, linf ≤ 0\.1; test\.robust\.json\n/);
    expect(stdout).toMatch(
      /│ 20\d\d-\d\d-\d\d +│ 20.* │ 100\.0 % \[\d+, 100\] │ \d+ +│ noise +│\n│ 01234567/,
    );
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg xmlns.*01234567.*<\/svg>\n$/s);
  });

  it('says what is missing', async () => {
    const none = await gauntlet('history', path.join(folder, 'nowhere'));
    expect([none.code, none.stderr]).toEqual([2, expect.stringMatching(/There is no .*nowhere/)]);
    mkdirSync(path.join(folder, 'empty'));
    const empty = await gauntlet('history', path.join(folder, 'empty'));
    expect([empty.code, empty.stderr]).toEqual([
      2,
      expect.stringMatching(/no report\.json in .*empty or below it/),
    ]);
  });

  itWithChromium('draws what a browser shows', async () => {
    const file = path.join(folder, 'browser.svg');
    writeFileSync(file, historyChart(historyOf([runOf(1, [0.9, 0.8]), runOf(2, [0.9, 0.5])])));
    const browser = await openChromium();
    const page = await browser.newPage();
    await page.goto(`file://${file}`);
    const heights = await page
      .locator('circle')
      .evaluateAll((all) => all.map((one) => Math.round(Number(one.getAttribute('cy')))));
    await browser.close();
    // 0 is at 270 and 1 at 20.
    expect(heights).toEqual([70, 145]);
  });
});

describe('the commit of a run', () => {
  it('is the one that git has, or that the CI server says', async () => {
    const { commitOf } = await import('../packages/cli/src/commit.js');
    expect(commitOf(import.meta.filename, {})).toMatch(/^[0-9a-f]{40}$/);
    expect(commitOf(import.meta.filename, { CI_COMMIT_SHA: 'a'.repeat(40) })).toBe('a'.repeat(40));
    expect(commitOf('/nowhere/at/all/x.yaml', {})).toBeUndefined();
    expect(commitOf('/nowhere/at/all/x.yaml', { GITHUB_SHA: '::set-env' })).toBeUndefined();
  });
});
