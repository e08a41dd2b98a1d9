import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { gauntlet, readReport, repository, temporary, writeSpec } from './support/cli.js';

describe('a sweep', () => {
  const folder = temporary('sweep');

  it('is one cell for each value, in order, under the same expectations', async () => {
    const attacks = [
      {
        use: 'pgd',
        params: { steps: 5, restarts: 1 },
        sweep: { epsilon: [0.2, 0.05] },
        expect: { asr: { max: 0.5 } },
      },
    ];
    const spec = writeSpec(folder, attacks);
    const { code } = await gauntlet('run', spec, '-j', '0', '--output', path.join(folder, 'out'));
    expect(code).toBe(1);
    const { cells } = readReport(path.join(folder, 'out'));
    expect(
      cells.map(({ id, sweep, params, threat, verdict }) => [
        id,
        sweep,
        params.epsilon,
        threat.epsilon,
        verdict,
      ]),
    ).toEqual([
      ['digits/pgd epsilon=0.05', { of: 'pgd', param: 'epsilon', value: 0.05 }, 0.05, 0.05, 'pass'],
      ['digits/pgd epsilon=0.2', { of: 'pgd', param: 'epsilon', value: 0.2 }, 0.2, 0.2, 'fail'],
    ]);
    const values = cells.map(({ metrics }) => metrics.asr!.value!);
    expect(values[1]).toBeGreaterThan(values[0]);
  });

  it('complains at its place about what cannot be', async () => {
    const complaint = async (attack: object) => {
      const spec = writeSpec(folder, [{ use: 'pgd', ...attack }]);
      const { code, stderr } = await gauntlet('validate', spec);
      expect(code).toBe(2);
      return stderr.replaceAll(`${folder}/`, '');
    };
    expect(await complaint({ sweep: { epsilom: [0.1, 0.2] } })).toMatch(
      /test\.robust\.json:\d+:\d+.*There is no option "epsilom".*epsilon/,
    );
    expect(await complaint({ sweep: { epsilon: [0.1, -1] } })).toMatch(/"epsilon" must be >= 0; found -1/);
    expect(await complaint({ sweep: { epsilon: [0.1] } })).toMatch(
      /"epsilon" must NOT have fewer than 2 items/,
    );
    expect(await complaint({ params: { epsilon: 0.1 }, sweep: { epsilon: [0.1, 0.2] } })).toMatch(
      /"epsilon" is swept over; leave it out of the params/,
    );
    expect(await complaint({ params: { steps: 0 }, sweep: { epsilon: [0.1, 0.2] } })).toMatch(
      /^[^\n]*"steps" must be >= 1; found 0\. \[spec-invalid\]\n$/,
    );
    expect(await complaint({ sweep: { epsilon: [0.1, 0.2], steps: [1, 2] } })).toMatch(
      /must NOT have more than 1 properties/,
    );
    expect(await complaint({ sweep: { steps: [1, 2] } })).toMatch(/Needed here: "epsilon"/);
  });
});

describe('what is seen of an attack on its way', () => {
  const folder = temporary('watch');

  it('is the cost of success, and the way of the first samples', async () => {
    const attacks = [
      {
        use: 'pgd',
        params: { epsilon: 0.15, steps: 10, restarts: 1, randomStart: false, keepImproving: true },
      },
      { use: 'fgsm', params: { epsilon: 0.15 } },
      { use: 'noise', params: { epsilon: 0.1, draws: 3 } },
      { use: path.join(repository, 'test/fixtures/plugins.mjs#peeks-outside') },
    ];
    const spec = writeSpec(folder, attacks, { dataset: { format: 'plugin', use: 'digits', take: 20 } });
    const { code } = await gauntlet('run', spec, '-j', '0', '--output', path.join(folder, 'out'));
    expect(code).toBe(0);
    const [pgd, fgsm, noise, peeks] = readReport(path.join(folder, 'out')).cells;

    // All ten steps are done, but most samples were broken before.
    const broken = pgd.outcomes.filter(({ status }) => status === 'broken');
    expect(broken.length).toBeGreaterThan(5);
    expect(
      broken.every(
        ({ gradients, gradientsToSuccess }) =>
          gradients === 10 && gradientsToSuccess! <= 10 && gradientsToSuccess! > 1,
      ),
    ).toBe(true);
    expect(new Set(broken.map(({ gradientsToSuccess }) => gradientsToSuccess)).size).toBeGreaterThan(2);
    expect(
      pgd.outcomes.every(
        ({ status, gradientsToSuccess }) => status === 'broken' || gradientsToSuccess === undefined,
      ),
    ).toBe(true);
    // FGSM never looks at what it returns: success costs all it has spent.
    for (const { status, gradientsToSuccess } of fgsm.outcomes)
      expect(gradientsToSuccess).toBe(status === 'broken' ? 1 : undefined);

    expect(pgd.traces!.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    for (const { index, gradients, criterion, mi } of pgd.traces!) {
      const { status, gradientsToSuccess } = pgd.outcomes.find((one) => one.index === index)!;
      // Ten gradients, and a last look.
      expect(gradients).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10]);
      const first = criterion.findIndex((f) => f <= 0);
      expect(first < 0).toBe(status === 'held');
      if (first >= 0) expect(gradients[first]).toBe(gradientsToSuccess);
      expect(mi![0]).toBeGreaterThan(mi!.at(-1)!);
    }
    expect(noise.traces![0].forwards).toEqual([1, 2, 3]);

    // What it looked at outside of its epsilon was misclassified, and is no success.
    expect(
      peeks.outcomes.every(
        ({ status, forwardsToSuccess }) => status === 'held' && forwardsToSuccess === undefined,
      ),
    ).toBe(true);
    expect(peeks.traces![0].criterion.some((f) => f <= 0)).toBe(true);
  });
});
