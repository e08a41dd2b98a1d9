import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { digitsModel, gauntlet, readReport, repository, temporary, writeSpec } from './support/cli.js';

const folder = temporary('randomised');
const changed = `${path.join(repository, 'test/trust/victims.mjs')}#changed`;
const noisy = { use: changed, params: { change: 'input noise' } };
const plain = { use: changed, params: { change: 'none' } };
let next = 0;

async function run(victim: object, attacks: object[], take = 12) {
  const output = path.join(folder, String(next++));
  const rest = {
    victim: { name: 'v', kind: 'classifier', bounds: [0, 1], engine: 'tfjs:wasm', ...victim },
    dataset: { format: 'plugin', use: 'digits', take },
  };
  const spec = writeSpec(folder, attacks, rest, `${next}.robust.json`);
  const { stderr } = await gauntlet('run', spec, '--output', output, '-j', '0');
  expect(stderr).toBe('');
  return readReport(output);
}

const pgd = (params: object = {}) => ({
  use: 'pgd',
  params: { epsilon: 0.1, steps: 4, restarts: 1, ...params },
  expect: { asr: { max: 0.99 } },
});

describe('a victim with randomness', () => {
  it('is attacked by means of draws, and judged by a share of them', async () => {
    const attacks = [pgd(), { use: 'noise', params: { epsilon: 0.01 }, expect: { asr: { max: 0.9 } } }];
    const { victims, cells } = await run(
      { ...noisy, gradients: { eot: 3 }, repeats: { draws: 5, share: 0.6 } },
      attacks,
    );
    expect(victims[0]).toMatchObject({ gradients: 'exact', eot: 3, repeats: { draws: 5, share: 0.6 } });
    expect(victims[0].notes).toContain(
      'The victim says something else each time: broken means in at least 60 % of 5 draws; attacks see the mean of 3 passes.',
    );
    for (const { findings, outcomes } of cells) {
      expect(findings.map(({ code }) => code)).not.toContain('not-deterministic');
      const judged = outcomes.filter(({ status }) => status === 'broken' || status === 'held');
      expect(judged.length).toBeGreaterThan(6);
      for (const { status, brokenShare, prediction, label } of judged) {
        expect([0, 0.2, 0.4, 0.6, 0.8, 1]).toContain(brokenShare);
        expect(status).toBe(brokenShare! >= 0.6 ? 'broken' : 'held');
        expect(prediction === label).toBe(status === 'held');
      }
    }
    const spent = cells[0].outcomes.flatMap(({ gradients }) => gradients ?? []);
    expect(spent.every((gradients) => gradients % 3 === 0)).toBe(true);
    expect(Math.max(...spent)).toBe(12);
  });

  it('is compared within a budget that counts every pass', async () => {
    const output = path.join(folder, 'budget');
    const victim = { name: 'v', kind: 'classifier', bounds: [0, 1], engine: 'tfjs:wasm', ...noisy };
    const attacks = [pgd(), { use: 'fgsm', params: { epsilon: 0.1 } }];
    const rest = {
      victim: { ...victim, gradients: { eot: 4 }, repeats: 3 },
      dataset: { format: 'plugin', use: 'digits', take: 4 },
    };
    const spec = writeSpec(folder, attacks, rest, 'budget.robust.json');
    const args = ['--budget', 'gradients=20', '--output', output, '-j', '0'];
    const { stderr } = await gauntlet('compare', spec, ...args);
    expect(stderr).toMatch(/^fgsm does not say how to spend a budget \(`within`\): .*\n$/);
    const { cells } = readReport(output);
    const spent = cells[0].outcomes.flatMap(({ gradients }) => gradients ?? []);
    expect(Math.max(...spent)).toBe(20);
    expect(cells.flatMap(({ outcomes }) => outcomes).every(({ status }) => status !== 'unassessed')).toBe(
      true,
    );
  });

  it('is still in question with gradients of single draws', async () => {
    const { cells } = await run({ ...noisy, repeats: 3 }, [pgd()]);
    const message = cells[0].findings.find(({ code }) => code === 'not-deterministic')!.message;
    expect(message).toContain('gradients: { eot: 8 }');
    expect(message).not.toContain('repeats');
  });
});

describe('a victim without randomness', () => {
  it('costs nothing more, and is judged as ever', async () => {
    const asEver = await run(plain, [pgd()]);
    const { cells } = await run({ ...plain, gradients: { eot: 3 }, repeats: 5 }, [pgd()]);
    const rows = (outcomes: (typeof cells)[0]['outcomes']) => outcomes.map(({ seconds: _, ...rest }) => rest);
    expect(rows(cells[0].outcomes)).toEqual(rows(asEver.cells[0].outcomes));
    expect(cells[0].key).not.toBe(asEver.cells[0].key);
  });

  it('has its options checked', async () => {
    const output = path.join(folder, 'wrong');
    const victim = { model: digitsModel, kind: 'classifier', bounds: [0, 1], gradients: { eott: 3 } };
    const spec = writeSpec(folder, [pgd()], { victim }, 'wrong.robust.json');
    const { code, stderr } = await gauntlet('run', spec, '--output', output, '-j', '0');
    expect(code).toBe(2);
    expect(stderr).toMatch(/eott.*eot/s);
  });
});
