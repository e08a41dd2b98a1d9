// Encoders: what they give is an embedding, and a criterion of the spec's says what an attack has achieved.
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CellReport, Outcome } from '@gauntlet/api';
import { digitsModel, gauntlet, readReport, repository, temporary, writeSpec } from './support/cli.js';

const folder = temporary('encoder');
const model = path.join(repository, 'examples/encoder/model.json');
const victim = { name: 'encoder', model, kind: 'encoder', bounds: [0, 1] };
const mineUae = { similarity: 'gaussian', initialC: 10, iterations: 20 };
let next = 0;
async function run(attacks: object[], rest: object = {}, ...args: string[]) {
  const output = path.join(folder, String(next++));
  const dataset = { format: 'plugin', use: 'digits', take: 12 };
  const spec = writeSpec(folder, attacks, { victim, dataset, seed: 3, ...rest });
  const result = await gauntlet('run', spec, '--output', output, '-j', '0', ...args);
  return { ...result, output, said: result.stdout + result.stderr };
}

describe('an encoder', () => {
  let report: ReturnType<typeof readReport>;
  let cells: CellReport[];
  let stdout: string;
  const attacked = ({ outcomes }: CellReport) => outcomes.filter(({ status }) => status !== 'skipped');

  beforeAll(async () => {
    const done = await run([
      { use: 'pgd', criterion: 'nearest-other', params: { epsilon: 0.2, steps: 10, restarts: 1 } },
      { use: 'mine-uae', name: 'mine', criterion: 'contrastive', params: mineUae },
      { use: 'l2-uae', criterion: 'view-similarity', params: { initialC: 10, iterations: 20 } },
      { use: 'noise', criterion: 'view-similarity', params: { epsilon: 0.001 } },
    ]);
    expect(done.stderr).toBe('');
    report = readReport(done.output);
    ({ cells } = report);
    ({ stdout } = done);
  });

  it('is one in the report, without classes, labels or losses of a classifier', () => {
    expect(report.victims[0]).toMatchObject({ kind: 'encoder', classes: 0, outputScale: 'embedding' });
    for (const { outcomes } of cells)
      for (const outcome of outcomes)
        for (const name of ['label', 'prediction', 'loss', 'cleanLoss', 'reconstructionError'])
          expect(outcome).not.toHaveProperty(name);
    expect(stdout).toContain('emb. distance');
  });

  it('is judged by the criterion that was attacked, which the report names', () => {
    expect(cells.map(({ criterion }) => criterion)).toEqual([
      'nearest-other',
      'contrastive',
      'view-similarity',
      'view-similarity',
    ]);
    const broken = ({ status }: Outcome) => status === 'broken';
    for (const cell of cells)
      for (const outcome of attacked(cell)) expect(broken(outcome)).toBe(outcome.criterion! <= 0);
    const [pgd, mine, l2] = cells;
    expect(pgd.metrics.asr!.value).toBe(1);
    expect(mine.metrics.asr!.value).toBeGreaterThan(0.7);
    expect(l2.metrics.asr!.value).toBeGreaterThan(0.7);
  });

  it('is measured by how far its embeddings move', () => {
    const [pgd, , , noise] = cells.map(({ metrics }) => metrics.embeddingDistance!);
    // Another image is nearer than another view of the same one: far. A thousandth of noise: next to nothing.
    expect(pgd.value).toBeGreaterThan(0.02);
    expect(noise.value).toBeGreaterThan(0);
    expect(noise.value).toBeLessThan(1e-4);
    expect(pgd.n).toBe(attacked(cells[0]).length);
  });

  it('does not depend on who is attacked beside a sample', async () => {
    const attack = { use: 'mine-uae', name: 'mine', criterion: 'contrastive', params: mineUae };
    const again = await run([attack], {}, '--batch-size', '5');
    const [cell] = readReport(again.output).cells;
    const seen = ({ index, status, criterion }: Outcome) => [index, status, expect.closeTo(criterion!, 3)];
    expect(cells[1].outcomes.map(({ index, status, criterion }) => [index, status, criterion])).toEqual(
      cell.outcomes.map(seen),
    );
  });
});

describe('what is asked of an encoder in vain', () => {
  const pgd = { epsilon: 0.1 };
  it.each([
    [
      'no criterion',
      { use: 'pgd', params: pgd },
      /is an encoder, for which nothing says what an attack has achieved. Give pgd a "criterion": contrastive/,
    ],
    [
      'an attack without a goal',
      { use: 'gaussian', params: { sigma: 0.1 } },
      /gaussian pursues no criterion/,
    ],
    [
      'an attack on classifiers',
      { use: 'minmax', criterion: 'contrastive' },
      /minmax is for a victim of kind "classifier"; encoder is of kind "encoder"/,
    ],
    [
      'a loss of labels',
      { use: 'pgd', criterion: 'contrastive', params: { ...pgd, loss: 'ce' } },
      /goes by the labels/,
    ],
    [
      'a target class',
      { use: 'pgd', criterion: 'contrastive', params: { ...pgd, target: 3 } },
      /names a class, and encoder is an encoder, which has none/,
    ],
    [
      'an unknown criterion',
      { use: 'pgd', criterion: 'contrastiv', params: pgd },
      /no plugin "contrastiv".*Did you mean "contrastive"/,
    ],
  ])('%s', async (_, attack, message) => {
    const { code, said } = await run([attack]);
    expect(code).toBe(2);
    expect(said).toMatch(message);
  });

  it('a criterion of encoders on a classifier', async () => {
    const classifier = { name: 'digits', model: digitsModel, kind: 'classifier', bounds: [0, 1] };
    const { said } = await run([{ use: 'pgd', criterion: 'contrastive', params: pgd }], {
      victim: classifier,
    });
    expect(said).toMatch(/contrastive is for a victim of kind "encoder"; digits is of kind "classifier"/);
  });

  it('another image where there is none', async () => {
    const one = { dataset: { format: 'plugin', use: 'digits', take: 1 } };
    const { code, said } = await run([{ use: 'pgd', criterion: 'contrastive', params: pgd }], one);
    expect(code).not.toBe(0);
    expect(said).toMatch(/no other image to compare with/);
  });

  it('an embedding that is the same for all images', async () => {
    const constant = {
      use: path.join(repository, 'test/fixtures/victims.mjs#constant'),
      kind: 'encoder',
      bounds: [0, 1],
    };
    const { code, said } = await run([{ use: 'noise', criterion: 'view-similarity', params: pgd }], {
      victim: constant,
    });
    expect(code).toBe(2);
    expect(said).toMatch(/gives the same embedding for a black, a white and three random images/);
  });
});
