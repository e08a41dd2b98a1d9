import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import type { CellReport, Report, RetrainReport } from '@gauntlet/core';
import { annotations, junitXml, markdown, noColours, replayCommand, retrainJunit, retrainSummary, terminalReporter } from '@gauntlet/reporters'; // prettier-ignore
import { itWithRealData, shared } from './support/needs.js';

const hostile = [
  '<script>alert(1)</script>',
  ']]>',
  '\u001b[31mred\u001b[0m',
  'a\u0000b',
  '"&\'',
  '\ud800 lone',
  'x'.repeat(10_000),
  'line\nbreak',
];

/** A report with every kind of verdict, and `text` wherever a user's words may stand. */
function reportWith(text: string): Report {
  const outcome = {
    index: 4,
    status: 'broken',
    label: 1,
    prediction: 2,
    cleanPrediction: 1,
    l2: 0.5,
    mi: 3,
    seconds: 0.1,
  } as const;
  const measured = { value: 0.5, n: 2, interval: [0.1, 0.9] as [number, number] };
  const cell = (attack: string, rest: Partial<CellReport>): CellReport => ({
    id: `${text}/${attack}`, key: '0'.repeat(64), victim: text, attack: `${attack} ${text}`, use: attack, version: 1, params: { note: text }, threat: { norm: 'linf', epsilon: 0.1 },
    estimator: text, verdict: 'pass', findings: [], expectations: [], metrics: { asr: measured }, outcomes: [outcome], ...rest,
  }); // prettier-ignore
  const expectation = (verdict: 'pass' | 'fail' | 'inconclusive') => ({
    metric: 'asr' as const,
    max: 0.2,
    verdict,
    measured,
    message: `asr is 0.5 ${text}`,
  });
  const finding = { code: 'unassessed' as const, message: text, samples: [4] };
  return {
    format: 'gauntlet-report', version: 1, gauntlet: '0.1.0', spec: `/specs/${text}`, seed: 1, verdict: 'fail', interrupted: true, yardstick: text,
    dataset: { name: text, n: 1, imageShape: [2, 2, 1], hash: 'h' },
    victims: [{ name: text, kind: 'classifier', model: text, engine: 'tfjs:wasm', inputShape: [2, 2, 1], bounds: [0, 1], classes: 2, outputScale: 'logits', featureSource: { kind: 'patches' }, hash: 'h', gradients: 'exact', notes: [text] }],
    cells: [
      cell('pass', { expectations: [expectation('pass')] }),
      cell('fail', { verdict: 'fail', expectations: [expectation('fail'), expectation('pass')] }),
      cell('inconclusive', { verdict: 'inconclusive', findings: [finding], expectations: [expectation('inconclusive')] }),
      cell('none', { verdict: 'inconclusive', findings: [finding] }),
    ],
    execution: { startedAt: '2026-01-02T03:04:05.678Z', seconds: 1, workers: 2, node: 'v20', retries: [], reused: 0, reusedCells: [] },
  }; // prettier-ignore
}

async function terminalText(report: Report): Promise<string> {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream & PassThrough;
  const reporter = terminalReporter({ stream, folder: '/runs/one', live: false, colour: false });
  await reporter.onEvent({ type: 'note', message: report.victims[0].notes[0] });
  for (const cell of report.cells) await reporter.onEvent({ type: 'cell-done', cell, reused: false });
  await reporter.onEvent({ type: 'run-done', report });
  stream.end();
  return ((await stream.toArray()) as Buffer[]).map(String).join('');
}

describe('JUnit', () => {
  it('counts failures and errors, and says what is what', () => {
    const xml = junitXml(reportWith('v'), '/runs/one');
    expect(xml).toMatch(/<testsuite [^>]*name="v × v"[^>]*tests="5"[^>]*failures="1" errors="2"/);
    expect(xml).toMatch(/<failure message="asr is 0\.5 v" type="expectation">/);
    expect(xml).toMatch(/<error message="v" type="unassessed">/);
    expect(xml).toMatch(/<property name="seed" value="1"\/>/);
    expect(xml).toContain('replay: gauntlet replay /runs/one v/fail 4');
  });

  for (const text of hostile) {
    it(`is well-formed with ${JSON.stringify(text.slice(0, 30))} in every field`, async () => {
      const xml = junitXml(reportWith(text), '/runs/one');
      const { errors } = await validateXML({
        xml: [{ fileName: 'junit.xml', contents: xml }],
        extension: 'schema',
        schema: [anything],
      });
      expect(errors).toEqual([]);
    });
  }

  itWithRealData('is valid against the schema that Jenkins checks', async () => {
    const xsd = readFileSync(shared('schemas/junit-10.xsd'), 'utf8');
    for (const text of ['v', ...hostile]) {
      const { errors } = await validateXML({
        xml: [{ fileName: 'junit.xml', contents: junitXml(reportWith(text), '/runs/one') }],
        schema: [xsd],
      });
      expect(errors).toEqual([]);
    }
  });
});

/** Allows any element: what remains to be checked is that the document is well-formed. */
const anything = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="testsuites"><xs:complexType><xs:sequence>
<xs:any processContents="skip" minOccurs="0" maxOccurs="unbounded"/></xs:sequence><xs:anyAttribute processContents="skip"/></xs:complexType></xs:element></xs:schema>`;

describe('terminal', () => {
  it('shows the table, what did not pass, and how to look at it', async () => {
    const text = await terminalText(reportWith('v'));
    expect(text).toMatch(/│ v +│ fail v +│/);
    expect(text).toMatch(
      /✗ fail v\/fail\n {2}asr is 0\.5 v\n {2}samples 4; look at one: gauntlet replay \/runs\/one v\/fail 4/,
    );
    expect(text).toMatch(/interrupted; go on with --resume/);
  });

  for (const text of hostile) {
    it(`stays harmless with ${JSON.stringify(text.slice(0, 30))}`, async () => {
      const printed = await terminalText(reportWith(text));
      // eslint-disable-next-line no-control-regex -- that there are none is what is tested
      expect(printed).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      expect(Math.max(...printed.split('\n').map((line) => line.length))).toBeLessThan(1100);
    });
  }
});

it('replay commands are safe to paste', () => {
  expect(replayCommand('/my runs', "it's/pgd", 3)).toBe(
    String.raw`gauntlet replay '/my runs' 'it'\''s/pgd' 3`,
  );
});

describe('Markdown', () => {
  it('has a table, what did not pass, and the baseline', () => {
    const report: Report = { ...reportWith('v'), difference: { baseline: 'b.json', policy: { tolerance: 0 }, verdict: 'fail', cells: [{ id: 'v/pass', verdict: 'fail', message: '1 newly broken', newlyBroken: [4], newlyFixed: [], unchanged: 0, added: [], missing: [] }] } }; // prettier-ignore
    const text = markdown(report, '/runs/one');
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
        expect(line).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
        // Outside of code spans there is nothing of the user's.
        expect(line.replaceAll(/`[^`]*`/g, '')).not.toMatch(/[<`@]|script|red/);
      }
      const rows = lines.filter((line) => line.startsWith('|'));
      const cells = rows.map((line) => line.split(/(?<!\\)\|/).length);
      expect(new Set(cells).size).toBe(1);
    });
  }
});

describe('GitHub', () => {
  it('annotates what did not pass', () => {
    expect(annotations(reportWith('v'), '/specs')).toEqual([
      '::error file=v,title=v/fail%3A asr::asr is 0.5 v',
      '::warning file=v,title=v/inconclusive%3A inconclusive::v',
      '::warning file=v,title=v/none%3A inconclusive::v',
    ]);
  });

  for (const text of [...hostile, '::error::x', 'a,title=b', '100%0A::warning::x']) {
    it(`takes ${JSON.stringify(text.slice(0, 30))} for no command`, () => {
      for (const line of annotations(reportWith(text), '/specs')) {
        expect(line).toMatch(/^::(error|warning) file=[^,:]*,title=[^,:]*::/);
        // eslint-disable-next-line no-control-regex
        expect(line).not.toMatch(/[\u0000-\u001f]|%0[aAdD]/);
      }
    });
  }
});

describe('a retraining', () => {
  const report = (text: string): RetrainReport => {
    const row = { protocol: 'equal-epochs', added: [2], asr: [0.5], steps: [4], errors: [0.1], mean: 0.1, improvement: -0.2, improvementOverControl: 0.1 } as const; // prettier-ignore
    const expectation = (verdict: 'pass' | 'fail' | 'inconclusive') => ({ attack: text, protocol: 'equal-epochs' as const, metric: 'improvement' as const, min: 0.05, value: -0.2, verdict, message: `improvement is −0.2 ${text}` }); // prettier-ignore
    return {
      format: 'gauntlet-retrain', version: 1, gauntlet: '0.1.0', spec: text, victim: text, model: text, trainer: text, engine: 'tfjs:wasm', seeds: [1], epochs: 2, batchSize: 1, include: 'all', target: 'clean',
      training: { name: text, n: 2, hash: 'h' }, test: { n: 2, hash: 'h' }, originalError: 0.08,
      rows: [{ ...row, added: [...row.added], asr: [...row.asr], steps: [4], errors: [0.1], attack: text }, { ...row, added: [0], asr: [], steps: [2], errors: [0.09, 0.11], std: 0.014 }],
      expectations: [expectation('pass'), expectation('fail'), expectation('inconclusive')], verdict: 'fail', seconds: 1,
    }; // prettier-ignore
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
      const contents = retrainJunit(report(text));
      const { errors } = await validateXML({ xml: [{ fileName: 'junit.xml', contents }], extension: 'schema', schema: [anything] }); // prettier-ignore
      expect(errors).toEqual([]);
      // eslint-disable-next-line no-control-regex
      expect(retrainSummary(report(text), noColours)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    });
  }
});
