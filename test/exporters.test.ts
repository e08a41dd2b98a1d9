import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Ajv } from 'ajv';
import { validate as validCtrf } from 'ctrf';
import type { Report, Verdict } from '@gauntlet/api';
import { ctrf, sarif, taxonomies } from '@gauntlet/reporters';
import { html } from '@gauntlet/reporters/page';
import { hostile, reportWith } from '@gauntlet/testing';
import { gauntlet, inProcess, temporary, writeSpec } from './support/cli.js';
import { FakeMlflow } from './support/fake-mlflow.js';

const require = createRequire(import.meta.url);
const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

/** The schema of OASIS, as Microsoft's matchers carry it. */
const schemaFile = path.join(
  path.dirname(require.resolve('@microsoft/jest-sarif')),
  'schemas/sarif-2.1.0-rtm.5.json',
);
// Of draft 04, which says by `id` what later drafts say by `$id`; it uses nothing else that they changed.
const { $schema: _, id: __, ...sarifSchema } = json(schemaFile) as Record<string, unknown>;
const checkSarif = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(
  sarifSchema,
);
const sarifProblems = (log: unknown) => (checkSarif(log) ? [] : checkSarif.errors);

/** With worst cases and a baseline, each of every verdict. */
function full(text: string): Report {
  const report = reportWith(text);
  const verdicts = ['pass', 'fail', 'inconclusive'] as const;
  const difference = {
    baseline: text,
    policy: { tolerance: 0 },
    verdict: 'fail' as const,
    cells: verdicts.map((verdict) => ({
      id: `${text}/${verdict}`,
      verdict,
      message: text,
      newlyBroken: [4],
      newlyFixed: [],
      unchanged: 0,
      added: [],
      missing: [],
    })),
  };
  return { ...report, difference };
}

describe('SARIF', () => {
  for (const text of ['v', ...hostile])
    it(`is valid with ${JSON.stringify(text.slice(0, 30))} in every field`, () => {
      const log = sarif(full(text), `/runs/${text}`);
      expect(sarifProblems(log)).toEqual([]);

      expect(JSON.stringify(log)).not.toMatch(/\\u00[01]|[\u007f-\u009f]|\p{Bidi_Control}/u);
      for (const { locations } of log.runs[0].results) {
        const { uri } = locations[0].physicalLocation.artifactLocation;
        expect(uri).toMatch(/^[\w.~!*'()%/-]*$/);
      }
    });

  it('has what did not pass and nothing else, each with its level', () => {
    const [{ results, tool }] = sarif(full('v'), '/runs/one').runs;
    expect(results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['expectation/asr', 'error'],
      ['expectation/asr', 'warning'],
      ['finding/unassessed', 'warning'],
      ['baseline', 'error'],
      ['baseline', 'warning'],
    ]);
    expect(results[0].message.text).toBe(
      'v/fail: asr ≤ 0.2. asr is 0.5 v Look at it: gauntlet replay /runs/one v/fail 4',
    );
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
    const passing = { ...reportWith('v'), cells: reportWith('v').cells.slice(0, 1) };
    expect(sarif(passing, '/runs/one').runs[0].results).toEqual([]);
  });

  it('gives the same result the same fingerprint in every run', () => {
    const prints = (report: Report) =>
      sarif(report, '/runs/one').runs[0].results.map(({ partialFingerprints }) => partialFingerprints);
    const later = full('v');
    later.cells = later.cells.map((cell) => ({
      ...cell,
      expectations: cell.expectations.map((one) => ({ ...one, message: 'asr is 0.6 v' })),
    }));
    expect(prints(later)).toEqual(prints(full('v')));
    expect(new Set(prints(later).map((one) => JSON.stringify(one))).size).toBe(5);
  });
});

describe('CTRF', () => {
  for (const text of ['v', ...hostile])
    it(`is valid with ${JSON.stringify(text.slice(0, 30))} in every field`, () => {
      const report = ctrf(full(text), `/runs/${text}`);
      expect(validCtrf(report)).toMatchObject({ valid: true });

      expect(JSON.stringify(report)).not.toMatch(/\\u00[01]|[\u007f-\u009f]|\p{Bidi_Control}/u);
    });

  it('fails what nobody can judge, and skips what nothing is expected of', () => {
    const { summary, tests } = ctrf(full('v'), '/runs/one').results;
    expect(summary).toMatchObject({ tests: 9, passed: 3, failed: 5, skipped: 1, pending: 0, other: 0 });
    const status = (raw: Verdict) => [
      ...new Set(tests.filter(({ rawStatus }) => rawStatus === raw).map((test) => test.status)),
    ];
    expect([status('inconclusive'), status('measured')]).toEqual([['failed'], ['skipped']]);
    expect(tests.find(({ name }) => name === 'v/fail: asr ≤ 0.2')).toMatchObject({
      status: 'failed',
      message: 'asr is 0.5 v',
      trace: 'replay: gauntlet replay /runs/one v/fail 4',
      duration: 319,
      suite: ['v', 'v'],
    });
  });
});

describe('the kind of evidence', () => {
  const known = json(path.join(import.meta.dirname, 'fixtures/taxonomies.json')) as Record<
    string,
    { ids: Record<string, string> }
  >;

  it('has the names that its sources have', () => {
    for (const { name, taxa } of taxonomies)
      for (const taxon of taxa) expect(known[name].ids[taxon.id]).toBe(taxon.name);
  });

  it('is said of each result, and that nothing complies is said with it', () => {
    const [run] = sarif(full('v'), '/runs/one').runs;
    expect(run.results[0].taxa.map(({ id }) => id)).toEqual([
      'NISTAML.022',
      'AML.T0043.000',
      'ML01:2023',
      'Article 15',
    ]);
    for (const { taxa } of run.results)
      for (const { id, toolComponent } of taxa)
        expect(run.taxonomies[toolComponent.index].taxa.map((taxon) => taxon.id)).toContain(id);
    for (const { fullDescription } of run.taxonomies)
      expect(fullDescription.text).toContain('They do not say that anything complies');
    expect(html(full('v'), '/runs/one')).toMatch(
      /They do not say that anything complies.*NISTAML\.022 Evasion<.*AML\.T0043\.000.*ML01:2023.*Article 15 Accuracy/,
    );
  });

  it('is black-box where the gradients are estimated or not asked for', () => {
    const of = (change: (report: Report) => void) => {
      const report = full('v');
      change(report);
      return sarif(report, '/runs/one').runs[0].results[0].taxa.map(({ id }) => id);
    };
    expect(of(({ victims }) => (victims[0].gradients = 'SPSA'))).toContain('AML.T0043.001');
    const without = of(({ cells }) => cells.forEach((cell) => (cell.usesGradients = false)));
    expect(without.slice(0, 2)).toEqual(['NISTAML.025', 'AML.T0043']);
  });
});

describe('MLflow', () => {
  const folder = temporary('mlflow');
  const output = path.join(folder, 'out');
  const store = path.join(output, 'mlruns');
  const reporter = 'json,html,mlflow';
  const spec = writeSpec(folder, [
    { use: 'fgsm', params: { epsilon: 0.2 } },
    { use: 'noise', name: 'a/b: ε', params: { epsilon: 0.1 } },
  ]);
  const again = () => gauntlet('run', spec, '-j', '0', '--reporter', reporter, '--output', output);
  const runs = () => {
    const [experiment] = readdirSync(store);
    const home = path.join(store, experiment);
    return readdirSync(home).filter((one) => statSync(path.join(home, one)).isDirectory());
  };

  it('has a run for each victim, to which the next run adds one', async () => {
    expect((await again()).code).toBe(0);
    expect(runs()).toHaveLength(1);
    const home = path.join(store, readdirSync(store)[0], runs()[0]);
    const report = json(path.join(output, 'report.json')) as Report;
    const asr = readFileSync(path.join(home, 'metrics/fgsm/asr'), 'utf8');
    expect(asr).toMatch(new RegExp(`^\\d{13} ${report.cells[0].metrics.asr!.value} 0\\n$`));
    expect(readFileSync(path.join(home, 'params/fgsm/epsilon'), 'utf8')).toBe('0.2');
    expect(existsSync(path.join(home, 'metrics/a_b_ _/asr'))).toBe(true);
    expect(readFileSync(path.join(home, 'artifacts/report.json'), 'utf8')).toBe(
      readFileSync(path.join(output, 'report.json'), 'utf8'),
    );
    expect((await again()).code).toBe(0);
    expect(runs()).toHaveLength(2);
  });

  /** A Python that has mlflow, to read what was written as MLflow does. */
  const python = process.env.GAUNTLET_MLFLOW_PYTHON;
  // By hand: MLflow is too large to be installed for a test.
  if (python)
    it('is what MLflow reads', () => {
      const script = `
import json, mlflow, os
client = mlflow.MlflowClient('file://' + os.environ['STORE'])
[experiment] = [one for one in client.search_experiments() if one.name.startswith('gauntlet')]
runs = client.search_runs([experiment.experiment_id], "metrics.\\"fgsm/asr\\" >= 0 and params.kind = 'classifier'")
first = runs[0]
print(json.dumps({
    'n': len(runs), 'status': first.info.status, 'name': first.info.run_name,
    'asr': first.data.metrics['fgsm/asr'], 'epsilon': first.data.params['fgsm/epsilon'],
    'tags': sorted(key for key in first.data.tags if key.startswith('gauntlet')),
    'artifacts': sorted(one.path for one in client.list_artifacts(first.info.run_id)),
}))`;
      const env = { ...process.env, STORE: store, MLFLOW_ALLOW_FILE_STORE: 'true' };
      const printed = execFileSync(python!, ['-c', script], { env, encoding: 'utf8' });
      const report = json(path.join(output, 'report.json')) as Report;
      expect(JSON.parse(printed.trim().split('\n').at(-1)!)).toEqual({
        n: 2,
        status: 'FINISHED',
        name: 'digits',
        asr: report.cells[0].metrics.asr!.value,
        epsilon: '0.2',
        tags: ['gauntlet.evidence', 'gauntlet.verdict'],
        artifacts: ['report.html', 'report.json'],
      });
    }, 120_000);

  it('is not written through a link', async () => {
    const elsewhere = path.join(folder, 'elsewhere');
    const linked = path.join(folder, 'linked', 'mlruns');
    mkdirSync(elsewhere);
    mkdirSync(path.dirname(linked));
    symlinkSync(elsewhere, linked);
    const run = () =>
      gauntlet('run', spec, '-j', '0', '--reporter', 'mlflow', '--output', path.dirname(linked));
    // One that stands where a report is to be written goes, as with every report.
    expect((await run()).code).toBe(0);
    const experiment = path.join(linked, readdirSync(linked)[0]);
    rmSync(experiment, { recursive: true });
    symlinkSync(elsewhere, experiment);
    const { code, stderr } = await run();
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/report cannot be written \(mlflow\).* is a link/),
    ]);
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});

describe('MLflow on a server', () => {
  const folder = temporary('mlflow-server');
  const output = path.join(folder, 'out');
  const spec = writeSpec(folder, [{ use: 'fgsm', params: { epsilon: 0.2 } }]);
  const api = new FakeMlflow();
  beforeAll(() => api.listen());
  afterAll(() => api.close());
  const to = (url: string) => ['--reporter', 'json', '--reporter', `mlflow={"server":"${url}"}`];
  const run = (env = {}) => inProcess(['run', spec, '-j', '0', '--output', output, ...to(api.url)], { env });

  it('is a run with its numbers and its reports, ended after these have come', async () => {
    const { code, stderr } = await run();
    expect([code, stderr]).toEqual([0, '']);
    const report = json(path.join(output, 'report.json')) as Report;
    const [one, ...others] = api.runs;
    expect(others).toEqual([]);
    expect(one.metrics).toMatchObject({ 'fgsm/asr': report.cells[0].metrics.asr!.value });
    expect(one.params).toMatchObject({ 'fgsm/epsilon': '0.2' });
    expect(one.files).toEqual({ 'report.json': readFileSync(path.join(output, 'report.json'), 'utf8') });
    expect(api.calls.at(-1)).toBe('POST mlflow/runs/update');
    expect(one.status).toBe('FINISHED');
    expect(existsSync(path.join(output, 'mlruns'))).toBe(false);
  });

  it('has one more for the next, in the same experiment', async () => {
    expect((await run()).code).toBe(0);
    expect(api.runs.map(({ experiment }) => experiment)).toEqual(['1', '1']);
  });

  it('takes its credentials from where MLflow takes them', async () => {
    vi.stubEnv('MLFLOW_TRACKING_USERNAME', 'me');
    vi.stubEnv('MLFLOW_TRACKING_PASSWORD', 'pw');
    await run();
    expect(api.authorization).toBe(`Basic ${Buffer.from('me:pw').toString('base64')}`);
    vi.stubEnv('MLFLOW_TRACKING_TOKEN', 'secret');
    await run();
    vi.unstubAllEnvs();
    expect(api.authorization).toBe('Bearer secret');
  });

  it('that refuses, leads elsewhere or is not there makes no build green', async () => {
    api.refuses = { status: 403, body: '{"error_code":"PERMISSION_DENIED","message":"no"}' };
    const refused = await run();
    expect([refused.code, refused.stderr]).toEqual([
      3,
      expect.stringMatching(
        /report cannot be written \(mlflow\): The server answers 403 to mlflow\/.*PERMISSION/,
      ),
    ]);
    api.refuses = { status: 302, body: '' };
    expect((await run()).code).toBe(3);
    api.refuses = undefined;
    const nobody = await inProcess(['run', spec, '-j', '0', '--output', output, ...to('http://127.0.0.1:1')]);
    expect([nobody.code, nobody.stderr]).toEqual([
      3,
      expect.stringMatching(/http:\/\/127\.0\.0\.1:1 cannot be reached: /),
    ]);
    const secret = await inProcess(['run', spec, '-j', '0', ...to('http://me:pw@127.0.0.1:1')]);
    expect(secret.code).toBe(2);
  });
});
