import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Report, Stream } from '@gauntlet/api';
import { digitsModel, gauntlet, readReport, temporary, writeSpec } from './support/cli.js';

const attacks = [
  { use: 'pgd', params: { epsilon: 0.05, steps: 5, restarts: 1 } },
  { use: 'noise', params: { epsilon: 0.1 } },
];

/** The shipped classifier with noise added to its weights. */
function worseModel(folder: string, sigma: number): string {
  mkdirSync(folder, { recursive: true });
  copyFileSync(digitsModel, path.join(folder, 'model.json'));
  const bytes = readFileSync(path.join(path.dirname(digitsModel), 'weights.bin'));
  const weights = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const stream = new Stream('worse');
  writeFileSync(
    path.join(folder, 'weights.bin'),
    weights.map((weight) => weight + sigma * stream.normal()),
  );
  return path.join(folder, 'model.json');
}

describe('a baseline', () => {
  const folder = temporary('baseline');
  const baseline = path.join(folder, 'digits.baseline.json');
  const victim = (model: string) => ({ name: 'digits', model, kind: 'classifier', bounds: [0, 1] });
  const run = async (name: string, rest: object, ...args: string[]) => {
    const dataset = { format: 'plugin', use: 'digits', take: 40 };
    const spec = writeSpec(folder, attacks, { dataset, ...rest }, `${name}.robust.json`);
    const output = path.join(folder, name);
    const result = await gauntlet('run', spec, '-j', '0', '--output', output, ...args);
    return { ...result, output };
  };
  const against = (name: string, rest: object, ...args: string[]) =>
    run(name, rest, '--baseline', baseline, ...args);
  let before: Report;

  beforeAll(async () => {
    const { output } = await run('first', {});
    const { code, stdout } = await gauntlet('bless', output, baseline);
    expect([code, stdout]).toEqual([0, `${baseline}: 2 cells, 40 samples\n`]);
    before = readReport(output);
  });

  it('passes an identical run', async () => {
    const { code, stdout, output } = await against('same', {});
    expect(code).toBe(0);
    expect(stdout).toContain('no difference in 2 cells');
    expect(readReport(output).difference!.verdict).toBe('pass');
  });

  it('fails a model made worse, and names the samples', async () => {
    const model = worseModel(path.join(folder, 'noisy'), 0.06);
    const { code, stdout, output } = await against('worse', { victim: victim(model) });
    expect(code).toBe(1);
    const report = readReport(output);
    const [pgd] = report.difference!.cells;
    const held = (one: Report) =>
      one.cells[0].outcomes.filter(({ status }) => status === 'held').map(({ index }) => index);
    const [then, now] = [held(before), held(report)];
    expect(pgd.newlyBroken).toEqual(then.filter((index) => !now.includes(index)));
    expect(pgd.newlyFixed).toEqual(now.filter((index) => !then.includes(index)));
    expect(pgd.newlyBroken.length).toBeGreaterThan(3);
    expect(pgd.unchanged + pgd.newlyBroken.length + pgd.newlyFixed.length).toBe(40);
    expect(pgd.verdict).toBe('fail');
    expect(stdout).toMatch(
      /✗ fail digits\/pgd: \d+ newly broken, \d+ newly fixed, \d+ unchanged of 40 \(p = [\d.e-]+, [\d.e-]+ among 2 cells\); the paired test shows at 0\.05 that it is worse\./,
    );
    expect(stdout).toContain(`newly broken: samples ${pgd.newlyBroken[0]}`);
    const junit = readFileSync(path.join(output, 'junit.xml'), 'utf8');
    expect(junit).toMatch(/<testsuite name="against the baseline [^>]*tests="2"/);
    expect(junit).toContain(`newly broken samples: ${pgd.newlyBroken.join(', ')}`);
    // The noise cell has not changed much, or not at all; the policy says what counts.
    const lenient = await against('lenient', { victim: victim(model) }, '--tolerance', '1');
    expect(lenient.code).toBe(0);
    const tested = await against('tested', { victim: victim(model) }, '--significance', '1e-30');
    expect(tested.code).toBe(0);
    expect(tested.stdout).toContain('the paired test does not show that it is worse');
    const strict = await against('strict', { victim: victim(model) }, '--tolerance', '0');
    expect([strict.code, readReport(strict.output).difference!.policy]).toEqual([1, { tolerance: 0 }]);
    expect(strict.stdout).toContain('; at most 0 may break.');
  });

  it('passes a model that breaks a few samples more, as training anew does', async () => {
    const model = worseModel(path.join(folder, 'anew'), 0.03);
    const { code, output } = await against('anew', { victim: victim(model) });
    const { policy, cells } = readReport(output).difference!;
    expect([code, policy]).toEqual([0, { tolerance: 0, significance: 0.05 }]);
    expect(cells[0].newlyBroken.length).toBeGreaterThan(0);
    const strict = await against('anew strict', { victim: victim(model) }, '--tolerance', '0');
    expect(strict.code).toBe(1);
  });

  it('refuses to compare what is not comparable, by name', async () => {
    const message = async (name: string, rest: object, ...args: string[]) => {
      const { code, output } = await against(name, rest, ...args);
      expect(code).toBe(3);
      return readReport(output)
        .difference!.cells.map((cell) => cell.message)
        .join('\n');
    };
    expect(await message('seed', { seed: 4 })).toMatch(
      /cannot be compared: the seed is 4, the baseline's is 3\./,
    );
    const data = { format: 'plugin', use: 'digits', take: 40, skip: 1 };
    expect(await message('data', { dataset: data })).toMatch(/the data is another \(its hash differs\)/);
    const other = [{ use: 'pgd', params: { epsilon: 0.06, steps: 5, restarts: 1 } }, attacks[1]];
    expect(await message('params', { attacks: other })).toMatch(/the parameters of the attack differ/);
    expect(await message('fewer', { attacks: [attacks[1]] })).toMatch(/missing: this run has no such cell/);
  });

  it('is of no run that failed, unless that is meant', async () => {
    const { output } = await run('failing', { attacks: [{ ...attacks[0], expect: { asr: { max: 0 } } }] });
    const file = path.join(folder, 'failed.json');
    const refused = await gauntlet('bless', output, file);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('failed (digits/pgd). Use --failed'),
    ]);
    expect(existsSync(file)).toBe(false);
    expect((await gauntlet('bless', output, file, '--failed')).code).toBe(0);
  });

  it('is of a whole spec, unless that is meant', async () => {
    const { output } = await run('grepped', {}, '-g', 'noise');
    const file = path.join(folder, 'partial.json');
    const refused = await gauntlet('bless', output, file);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('lacks cells of the spec (digits/pgd): its run was not asked for them.'),
    ]);
    expect(existsSync(file)).toBe(false);
    expect((await gauntlet('bless', output, file, '--partial')).code).toBe(0);
  });

  it('has nothing that differs between two runs of the same outcomes, and is a report itself', async () => {
    const html = ['--reporter', 'json,html', '--force'];
    const bless = async () => {
      const { output } = await run('timed', {}, ...html);
      const file = path.join(folder, 'timed.json');
      expect((await gauntlet('bless', output, file, '--force')).code).toBe(0);
      return { report: readReport(output), text: readFileSync(file, 'utf8') };
    };
    const [first, second] = [await bless(), await bless()];
    expect(first.report.cells[0].traces!.length).toBeGreaterThan(0);
    expect(second.report.execution.startedAt).not.toBe(first.report.execution.startedAt);
    expect(second.text).toBe(first.text);
    expect(first.text).not.toMatch(/"traces"|"seconds": [1-9]/);
    // A sample to a line: what changes in one is one line of a diff.
    expect(first.text.match(/^ *\{"index":.*\},?$/gm)).toHaveLength(80);
    const { code } = await run('timed', {}, ...html, '--baseline', path.join(folder, 'timed.json'));
    expect(code).toBe(0);
  });

  it('does not miss cells that were not asked for', async () => {
    const { code, output } = await against('part', {}, '-g', 'noise');
    expect(code).toBe(0);
    expect(readReport(output).difference!.cells.map(({ id }) => id)).toEqual(['digits/noise']);
  });

  it('is written by hand only, and not over another', async () => {
    const again = await gauntlet('bless', path.join(folder, 'first'), baseline);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('is there already. Use --force')]);
    expect((await gauntlet('bless', path.join(folder, 'first'), baseline, '--force')).code).toBe(0);
    const none = await gauntlet(
      'run',
      path.join(folder, 'first.robust.json'),
      '--baseline',
      path.join(folder, 'no.json'),
    );
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringMatching(/no\.json is no report of a run: there is no such file\./),
    ]);
    const odd = path.join(folder, 'odd.json');
    writeFileSync(odd, '{"format": "else"}');
    const wrong = await gauntlet('run', path.join(folder, 'first.robust.json'), '--baseline', odd);
    expect(wrong.stderr).toMatch(
      /odd\.json is no report of a run: name the report\.json that gauntlet run has written/,
    );
  });
});
