import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { digitsModel, gauntlet, readReport, repository, temporary, writeSpec } from './support/cli.js';

const folder = temporary('victims');
const module = path.join(repository, 'test/fixtures/victims.mjs');
const attacks = [{ use: 'fgsm', params: { epsilon: 0.1 } }];
const noise = [{ use: 'noise', params: { epsilon: 0.1 } }];
let next = 0;
async function run(victim: object, its: object[] = attacks) {
  const output = path.join(folder, String(next++));
  const spec = writeSpec(folder, its, {
    victim: { kind: 'classifier', bounds: [0, 1], ...victim },
    dataset: { format: 'plugin', use: 'digits', take: 30 },
  });
  const result = await gauntlet('run', spec, '--output', output, '-j', '0', '--engine', 'tfjs:cpu');
  return { ...result, output };
}

describe('a victim in code', () => {
  it('is attacked with its exact gradients', async () => {
    const { code, stderr, output } = await run({ use: `${module}#linear` });
    expect([code, stderr]).toEqual([0, '']);
    const { victims, cells } = readReport(output);
    expect(victims[0]).toMatchObject({ name: 'linear', engine: 'tfjs:cpu', hash: 'linear 4', classes: 10 });
    expect(victims[0].model).toBe(`${module}#linear`);
    const judged = cells[0].outcomes.filter(({ status }) => status !== 'skipped');
    expect(judged.every(({ gradients }) => gradients === 1)).toBe(true);
  });

  it('has another key with other params', async () => {
    const keyWith = async (scale: number) =>
      readReport((await run({ use: `${module}#linear`, params: { scale } }, noise)).output).cells[0].key;
    expect(await keyWith(3)).not.toBe(await keyWith(5));
  });

  it('with predict alone is refused before a gradient attack, and estimated or attacked without', async () => {
    const refused = await run({ use: `${module}#remote` });
    expect(refused.stderr).toMatch(/remote cannot be differentiated.*Write gradients: estimated/);
    expect((await run({ use: `${module}#remote` }, noise)).code).toBe(0);
    expect((await run({ use: `${module}#remote`, gradients: 'estimated' })).code).toBe(0);
  });

  it.each([
    ['fails-later', /failed in predict: the line is dead/],
    ['nan-later', /NaN|not finite|infinite/i],
    ['fewer-later', /./],
    ['narrow-later', /./],
    ['nothing-later', /returned no tensor from predict/],
  ])('that answers nonsense in the middle of an attack never counts as held: %s', async (name, reason) => {
    const square = { use: 'square', params: { epsilon: 0.02, queries: 40 }, expect: { asr: { max: 0.9 } } };
    const { code, output } = await run({ use: `${module}#${name}` }, [square]);
    expect(code).toBe(3);
    const [{ outcomes, verdict }] = readReport(output).cells;
    expect(verdict).toBe('inconclusive');
    const open = outcomes.filter(({ status }) => status !== 'skipped');
    expect(new Set(open.map(({ status }) => status))).toEqual(new Set(['unassessed']));
    expect(open[0].reason).toMatch(reason);
  });

  it('is reported by name when it breaks', async () => {
    expect((await run({ use: `${module}#throws` })).stderr).toMatch(
      /victim throws failed in open: the weights are gone/,
    );
    expect((await run({ use: `${module}#nan` })).stderr).toMatch(/gives NaN or infinite outputs/);
  });

  it('has its options checked, and is either a file or a plugin', async () => {
    expect((await run({ use: `${module}#linear`, params: { scael: 1 } })).stderr).toMatch(
      /no option "scael".*scale/,
    );
    const either = /either "model" \(a file\) or "use"/;
    expect((await run({})).stderr).toMatch(either);
    expect((await run({ use: `${module}#linear`, model: digitsModel })).stderr).toMatch(either);
  });
});
