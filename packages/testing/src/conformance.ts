import { budgetText, isFor, isMet, misclassified, type NormName, tidyAsync, tf } from '@gauntlet/api';
import { assess, checkAgainst, zeroGradients, findDefect, findFlat, openEngine } from '@gauntlet/core';
import { corruptionCase } from './corruption-case.js';
import { aim, call, criterionAt, eachRow, pick, successes, worksForAnyGoal } from './call-attack.js';
import type { ConformanceCase, ConformanceRow } from './conformance-row.js';
import { defectText, short } from './defect-text.js';
import { checkDescription } from './describes-itself.js';
import { expectThat, firstDifferent } from './expect-that.js';
import { checkFirstGradientZero } from './first-gradient-zero.js';
import { linearAutoencoder } from './linear-autoencoder.js';
import { linearOracle } from './linear-victim.js';
import { unusualGoal } from './unusual-goal.js';

const normNames: NormName[] = ['linf', 'l2', 'l1'];

/**
 * The tests that every attack has to pass, for any test runner:
 * `for (const { name, run } of conformance(row)) it(name, run)`.
 */
export function conformance(row: ConformanceRow): ConformanceCase[] {
  const { attack, params, findsOptimum = true, spendsAll = true, classes = 2 } = row;
  const kind = row.victim ?? (isFor(attack.victim, 'classifier') ? 'classifier' : 'autoencoder');
  const supported = normNames.filter((norm) => params(norm, 0.1));
  if (supported.length === 0)
    throw new Error(
      `params gives nothing for linf, l2 and l1, so nothing of ${attack.name} would be tested. Give parameters for one of them; an attack of norm "none" takes linf.`,
    );
  const cases: ConformanceCase[] = [];
  const add = (name: string, run: (make: typeof linearOracle) => Promise<void>) =>
    cases.push({
      name: `${attack.name}: ${name}`,
      run: async () => {
        await openEngine('tfjs:wasm');
        await run(kind === 'autoencoder' ? linearAutoencoder : linearOracle);
      },
    });

  add('describes itself', async () => checkDescription(attack));
  if (attack.corruption) add(...corruptionCase(row, params('linf', 0.1)!));
  for (const norm of supported) {
    if (!attack.corruption) {
      add(`stays inside box and epsilon (${norm})`, async (make) => {
        const oracle = make(6, { classes });
        for (const epsilon of [0.02, 0.9]) {
          const { perturbed } = await call(row, oracle, params(norm, epsilon)!);
          const threat = attack.threat(params(norm, epsilon));
          expectThat(
            threat.norm === 'none' || (threat.norm === norm && threat.epsilon === epsilon),
            `its threat model says ${threat.norm} ${threat.epsilon} for parameters of ${norm} ${epsilon}`,
          );
          eachRow(oracle, perturbed, (clean, image, i) => {
            const defect = findDefect(clean, image, [0, 1], threat);
            expectThat(!defect, `sample ${i} ${defect && defectText(defect)} at epsilon ${epsilon}`);
          });
        }
      });

      add(`returns the input for epsilon 0 (${norm})`, async (make) => {
        const oracle = make(4, { classes });
        const { perturbed } = await call(row, oracle, params(norm, 0)!);
        const i = firstDifferent(perturbed, oracle.images, oracle.labels.length);
        expectThat(i < 0, `with epsilon 0, sample ${i} is not returned as it was`);
      });
    }
    if (findsOptimum && !attack.corruption) {
      add(`is within 1.25 × the optimum on a linear model (${norm})`, async (make) => {
        const oracle = make(8, { classes });
        for (const [i] of oracle.labels.entries()) {
          const single = pick(oracle, [i]);
          const optimum = oracle.optimum(i, norm);
          const epsilon = 1.25 * optimum;
          expectThat(
            (await successes(row, single, params(norm, epsilon)!)) === 1,
            `the shortest perturbation that breaks sample ${i} has the length ${short(optimum)}; with an epsilon of ${short(epsilon)} the attack does not break it. Does it go the wrong way (the goal is to be minimised), or are its steps too short or too few?`,
          );
        }
      });
    }

    if (worksForAnyGoal(attack, params(norm, 0.1)!)) {
      add(`pursues a goal of the spec's, whatever it is (${norm})`, async (make) => {
        const oracle = make(6, { classes });
        const goal = await unusualGoal(oracle);
        const { perturbed, smallest } = await call(row, oracle, params(norm, 0.1)!, { goal });
        const [before, after] = [
          await criterionAt(oracle, oracle.images, goal),
          await criterionAt(oracle, perturbed, goal),
        ];
        after.forEach((value, i) => {
          if (attack.usesGradients)
            expectThat(value < before[i], `the criterion of sample ${i} goes from ${before[i]} to ${value}`);
          // Without gradients there is only luck, but the best of it has to be kept.
          else
            expectThat(
              isMet(value) || value <= smallest.values[i] + 1e-4,
              `sample ${i}: the criterion was ${smallest.values[i]}, ${value} is kept`,
            );
        });
      });
    }

    if (kind === 'classifier' && worksForAnyGoal(attack, params(norm, 0.1)!))
      add(`goes by the goal alone, where a multi-label victim has no one label (${norm})`, async (make) => {
        const oracle = make(3, { classes });
        const goal = await unusualGoal(oracle);
        const given = params(norm, 0.1)!;
        const { perturbed } = await call(row, oracle, given, { goal });
        const without = await call(row, oracle, given, { goal, labelled: false });
        const i = firstDifferent(without.perturbed, perturbed, oracle.labels.length);
        expectThat(
          i < 0,
          `without labels, sample ${i} becomes another: minimise the goal and leave labels alone`,
        );
      });

    // Of noise on an autoencoder that is not true: what moves farther is reconstructed worse.
    if (attack.corruption || (kind === 'autoencoder' && !findsOptimum)) continue;
    add(`breaks no fewer samples with a larger epsilon (${norm})`, async (make) => {
      const oracle = make(6, { classes });
      const middle = oracle.optimum(0, norm);
      const rates: number[] = [];
      for (const factor of [0.5, 2, 4])
        rates.push(await successes(row, oracle, params(norm, factor * middle)!));
      expectThat(
        rates[0] <= rates[1] && rates[1] <= rates[2],
        `with epsilons of ${[0.5, 2, 4].map((factor) => short(factor * middle)).join(', ')} it breaks ${rates.join(', ')} of ${oracle.labels.length} samples`,
      );
    });
  }

  const [norm] = supported;
  add('gives the same bytes for the same seed', async (make) => {
    const oracle = make(5, { classes });
    const once = await call(row, oracle, params(norm, 0.1)!);
    const again = await call(row, oracle, params(norm, 0.1)!);
    const i = firstDifferent(again.perturbed, once.perturbed, oracle.labels.length);
    expectThat(
      i < 0,
      `two runs with one seed differ (sample ${i}): draw from random, never from Math.random, and keep nothing between calls`,
    );
  });

  add('does not depend on batch size or order', async (make) => {
    const oracle = make(5, { classes });
    const order = [3, 0, 4, 2, 1];
    const whole = await call(row, oracle, params(norm, 0.1)!);
    const shuffled = await call(row, pick(oracle, order), params(norm, 0.1)!, { indices: order });
    const size = oracle.images.length / 5;
    for (const [position, i] of order.entries()) {
      const expected = whole.perturbed.subarray(i * size, (i + 1) * size);
      const same = (found: Float32Array) => firstDifferent(found, expected, 1) < 0;
      const cause = 'Every sample draws from its own stream, and no sum or mean may go over the batch.';
      const alone = await call(row, pick(oracle, [i]), params(norm, 0.1)!, { indices: [i] });
      const moved = shuffled.perturbed.subarray(position * size, (position + 1) * size);
      expectThat(same(moved), `sample ${i} becomes another in another order of the batch. ${cause}`);
      expectThat(same(alone.perturbed), `sample ${i} becomes another alone in its batch. ${cause}`);
    }
  });

  add('leaks no tensor', async (make) => {
    const oracle = make(4, { classes });
    await call(row, oracle, params(norm, 0.1)!);
    const before = tf.memory().numTensors;
    await call(row, oracle, params(norm, 0.1)!);
    const left = tf.memory().numTensors - before;
    expectThat(
      left === 0,
      `${left} tensors are left after a call: does it keep any (tf.keep, a variable outside)?`,
    );
  });

  if ('target' in attack.params.properties) {
    add('reaches a target class', async (make) => {
      const oracle = make(6, { classes });
      const hits = await successes(row, oracle, { ...params(norm, 0.5)!, target: 'next' });
      const n = oracle.labels.length;
      expectThat(
        !findsOptimum || hits === n,
        `with target "next" ${hits} of ${n} samples reach it at epsilon 0.5`,
      );
    });
  }

  if (attack.within) {
    // Two looks are the least that an iterative attack can do with.
    for (const budget of [
      { gradients: 2 },
      { gradients: 7 },
      { gradients: 20 },
      { forwards: 3 },
      { forwards: 12 },
    ])
      add(`keeps a budget and uses it (${budgetText(budget)})`, async (make) => {
        const oracle = make(2, { classes });
        const given = structuredClone(params(norm, 1e-4)!);
        checkAgainst(attack.params, given);
        // No class changes within so small an epsilon, so that all is spent; the victim ends what asks for more.
        const { ledger } = await call(row, oracle, attack.within!(given, budget), { budget });
        const [[what, most]] = Object.entries(budget) as ['gradients' | 'forwards', number][];
        const spent = Math.max(...ledger[what]);
        const all = spendsAll && kind === 'classifier' && (what === 'forwards' || attack.usesGradients);
        expectThat(!all || spent > most / 2, `only ${spent} of ${most} ${what} are used`);
      });
  }

  if (attack.usesGradients && findsOptimum && kind === 'classifier')
    add('goes on after a gradient of zero', async (make) => {
      const oracle = make(3, { classes });
      const enough = 2 * Math.max(...Array.from(oracle.labels, (_, i) => oracle.optimum(i, norm)));
      await checkFirstGradientZero(row, oracle, params(norm, enough)!);
    });

  // An autoencoder that gives the same whatever it sees reconstructs nothing worse: all of it is broken.
  if (attack.usesGradients && kind === 'classifier') {
    add('does not pass a flat victim off as robust', async (make) => {
      const oracle = make(3, { classes, flat: true });
      const { perturbed, ledger } = await call(row, oracle, params(norm, 0.1)!);
      expectThat(
        ledger.gradients.every((count) => count > 0),
        'no gradient was asked for',
      );
      const threat = attack.threat(params(norm, 0.1));
      const { outcomes } = await tidyAsync(async () => {
        const { batch, before } = await aim(oracle, attack, params(norm, 0.1)!);
        return assess(oracle.victim, batch, before, { perturbed }, threat, undefined);
      });
      const flat = await findFlat(oracle.victim, oracle.images, misclassified(oracle.labels));
      const attacked = outcomes.map((outcome, i) => ({ ...outcome, flat: flat[i] === 1 }));
      const held = attacked.filter(({ status }) => status === 'held');
      expectThat(
        zeroGradients.find({ attacked, held, victim: { kind } }) !== undefined,
        'its samples count as held',
      );
    });
  }
  return cases;
}
