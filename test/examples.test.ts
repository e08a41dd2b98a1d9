import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CellReport, type Report, Stream } from '@gauntlet/api';
import { npzBytes, readNpz } from '@gauntlet/core';
import { digitsModel, gauntlet, readReport, temporary, timeless, writeSpec } from './support/cli.js';

const attacks = [
  { use: 'pgd', params: { epsilon: 0.1, steps: 5, restarts: 1 } },
  { use: 'ddn', params: { steps: 20 } },
];

/** The shipped classifier, trained on: here its weights with a little noise. */
function changedModel(folder: string): string {
  mkdirSync(folder, { recursive: true });
  copyFileSync(digitsModel, path.join(folder, 'model.json'));
  const bytes = readFileSync(path.join(path.dirname(digitsModel), 'weights.bin'));
  const weights = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const stream = new Stream('changed');
  const file = path.join(folder, 'weights.bin');
  writeFileSync(
    file,
    weights.map((weight) => weight + 0.02 * stream.normal()),
  );
  return path.join(folder, 'model.json');
}

describe('reuse: examples', () => {
  const folder = temporary('examples');
  const baseline = path.join(folder, 'digits.baseline.json');
  const kept = path.join(folder, 'digits.baseline.examples');
  const model = changedModel(path.join(folder, 'changed'));
  const victim = { name: 'digits', model, kind: 'classifier', bounds: [0, 1] };
  const run = async (name: string, rest: object, ...args: string[]) => {
    const dataset = { format: 'plugin', use: 'digits', take: 40 };
    const spec = writeSpec(folder, attacks, { dataset, ...rest }, `${name}.robust.json`);
    const output = path.join(folder, name);
    const result = await gauntlet('run', spec, '-j', '0', '--output', output, ...args);
    return { ...result, output };
  };
  const cellsOf = (output: string) => (timeless(readReport(output)) as Report).cells;
  const against = (name: string, rest: object = {}, ...args: string[]) =>
    run(name, { victim, ...rest }, '--baseline', baseline, ...args);
  const status = ({ outcomes }: CellReport, of: string) =>
    outcomes.filter((one) => one.status === of).map(({ index }) => index);
  const by = ({ outcomes }: CellReport, became: string) =>
    outcomes.filter(({ example }) => example === became).map(({ index }) => index);
  let before: Report;
  let alone: Report;

  beforeAll(async () => {
    const { output } = await run('first', { reuse: 'examples' });
    before = readReport(output);
    const { code, stdout } = await gauntlet('bless', output, baseline);
    const broken = status(before.cells[0], 'broken').length;
    expect(broken).toBeGreaterThan(10);
    expect([code, stdout]).toEqual([0, `${baseline}: 2 cells, 40 samples, ${broken} examples beside it\n`]);
    alone = readReport((await against('alone', { reuse: 'none' })).output);
    expect(alone.cells[0].examples).toBeUndefined();
  });

  it('breaks what it broke before without an attack, and attacks the rest as ever', async () => {
    const { stdout, output } = await against('again');
    const report = readReport(output);
    const [pgd] = report.cells;
    const [broken, withstood] = [by(pgd, 'broken'), by(pgd, 'withstood')];
    expect(broken.length).toBeGreaterThan(10);
    expect(stdout).toContain(
      `digits/pgd: ${broken.length} of ${broken.length + withstood.length} samples that have an example in the baseline are broken by it still`,
    );
    expect(pgd.examples!.tried).toEqual({
      baseline: 'digits.baseline.json',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    // What held, held the attack itself: it comes out as without any example.
    const unaided = new Map(alone.cells[0].outcomes.map((outcome) => [outcome.index, outcome]));
    for (const outcome of pgd.outcomes) {
      const { example, forwards = 0, ...rest } = outcome;
      if (example === 'broken') {
        expect(outcome).toMatchObject({ status: 'broken', forwards: 1, gradients: 0, gradientsToSuccess: 0 });
        expect(outcome.linf).toBeLessThanOrEqual(0.1 + 1e-5);
        expect(outcome.prediction).not.toBe(outcome.label);
      } else {
        const tried = example === 'withstood' ? 1 : 0;
        const { seconds: _, ...its } = { ...unaided.get(outcome.index)!, forwards: undefined };
        expect({ ...rest, seconds: undefined, forwards: undefined }).toEqual({ ...its, seconds: undefined });
        expect(forwards).toBe(
          (unaided.get(outcome.index)!.forwards ?? 0) + (outcome.forwards === undefined ? 0 : tried),
        );
      }
    }
    expect(status(pgd, 'broken')).toEqual(expect.arrayContaining(status(alone.cells[0], 'broken')));
    const html = readFileSync(path.join(output, 'report.html'), 'utf8');
    expect(html).toContain(`broken by an example: ${broken.join(', ')}`);
  });

  it('leaves attacks alone that look for the shortest perturbation', async () => {
    const { output } = await against('shortest');
    expect(cellsOf(output)[1]).toEqual(cellsOf(path.join(folder, 'alone'))[1]);
    expect(before.cells[1].examples).toBeUndefined();
    expect(readdirSync(kept)).toEqual(['digits-pgd.npz']);
  });

  it('comes to the same in other chunks, and after an interruption', async () => {
    const whole = cellsOf((await against('whole')).output);
    const output = path.join(folder, 'chunked');
    expect(cellsOf((await against('chunked', {}, '--batch-size', '7')).output)).toEqual(whole);
    // As if it had been killed after two chunks.
    const journal = path.join(output, 'journal.jsonl');
    writeFileSync(journal, `${readFileSync(journal, 'utf8').split('\n').slice(0, 3).join('\n')}\n`);
    const resumed = await against('chunked', {}, '--batch-size', '7', '--resume', '--force');
    expect(resumed.stdout).toContain('outcomes are taken from the journal');
    expect(cellsOf(output)).toEqual(whole);
  });

  it('does not do an unchanged cell again that was done without examples', async () => {
    await against('same', { reuse: 'none' });
    const { stdout, output } = await against('same');
    expect(stdout).toContain('reused: 2 of 2 cells');
    expect(readReport(output).cells[0].examples).toBeUndefined();
  });

  it('is not done with those of another threat model', async () => {
    const weaker = [{ use: 'pgd', params: { epsilon: 0.05, steps: 5, restarts: 1 } }];
    const { stdout } = await against('weaker', { attacks: weaker });
    expect(stdout).toContain(
      'digits/pgd: examples of digits.baseline.json are not tried, since the threat model is another.',
    );
  });

  it('runs on without a file that is damaged, too large or gone', async () => {
    const file = path.join(kept, 'digits-pgd.npz');
    const bytes = readFileSync(file);
    const note = async (name: string) => {
      const { stdout, output } = await against(name);
      expect(cellsOf(output)).toEqual(cellsOf(path.join(folder, 'alone')));
      return /digits\/pgd: examples of .*/.exec(stdout)?.[0];
    };
    const flipped = Uint8Array.from(bytes);
    flipped[1000] ^= 1;
    writeFileSync(file, flipped);
    expect(await note('damaged')).toMatch(
      /cannot be read \(its checksum is not the one that was taken down with it\); bless a run again, or restore the file\.$/,
    );
    writeFileSync(file, Buffer.alloc(5e6));
    expect(await note('large')).toMatch(/it has 5000000 bytes, and \d+ examples take \d+ at most/);
    writeFileSync(file, bytes);
    const report = JSON.parse(readFileSync(baseline, 'utf8')) as Report;
    const text = JSON.stringify(report);
    report.cells[0].examples!.kept! += 1;
    writeFileSync(baseline, JSON.stringify(report));
    expect(await note('shape')).toMatch(/its array "sample" is \[\d+, 8\], expected \[\d+, 8\]/);
    writeFileSync(baseline, text);
  });

  it('does not show the model what is outside of the threat model', async () => {
    const file = path.join(kept, 'digits-pgd.npz');
    const text = readFileSync(baseline, 'utf8');
    const original = readFileSync(file);
    const report = JSON.parse(text) as Report;
    const { examples } = report.cells[0];
    const archive = await readNpz(file);
    const [sample, perturbed] = ['sample', 'perturbed'].map((name) => archive(name));
    const size = perturbed.data.length / examples!.kept!;
    perturbed.data.fill(NaN, 0, size);
    perturbed.data.fill(0.5, size, 2 * size);
    const bytes = npzBytes({ sample, perturbed });
    writeFileSync(file, bytes);
    examples!.sha256 = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(baseline, JSON.stringify(report));
    const [pgd] = readReport((await against('hostile')).output).cells;
    expect(by(pgd, 'broken').length + by(pgd, 'withstood').length).toBe(examples!.kept! - 2);
    expect(status(pgd, 'unassessed')).toEqual([]);
    writeFileSync(baseline, text);
    writeFileSync(file, original);
  });
});
