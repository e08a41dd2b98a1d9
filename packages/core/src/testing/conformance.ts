import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Attack } from '../attacks/define-attack.js';
import { standardGoal } from '../attacks/goal.js';
import { budgetText, type Budget } from '../attacks/budget.js';
import { checkAgainst } from '../attacks/params.js';
import { resolveTargets, type NormName } from '../attacks/threat-model.js';
import { openEngine } from '../engines/open-engine.js';
import { BatchRandom } from '../random/streams.js';
import { findDefect } from '../referee/measure.js';
import { assess } from '../referee/assess.js';
import { findFlat } from '../referee/flatness.js';
import { judge } from '../referee/judge.js';
import { checkSoundness } from '../referee/soundness.js';
import { tidyAsync } from '../tensors/scope.js';
import { CountedVictim, newLedger, type Ledger } from '../victims/counted-victim.js';
import { linearAutoencoder } from './linear-autoencoder.js';
import { linearOracle, type LinearOracle } from './linear-victim.js';

/** One row of the table: an attack, and how its parameters are made. */
export interface ConformanceRow {
  attack: Attack;
  /** Parameters for a norm and an epsilon, or nothing if the attack has no such norm. */
  params: (norm: NormName, epsilon: number) => Record<string, unknown> | undefined;
  /** The attack is expected to find a perturbation within 1.25 × the optimum on a linear model (default: true). */
  findsOptimum?: boolean;
  /** Classes of the linear model (default 2, where every loss points the same way). */
  classes?: number;
  /** What is attacked; the attack's own kind by default, a classifier for attacks on any. */
  victim?: 'classifier' | 'autoencoder';
}

export interface ConformanceCase {
  name: string;
  run: () => Promise<void>;
}

const normNames: NormName[] = ['linf', 'l2', 'l1'];
const seed = 11;

/**
 * The tests that every attack has to pass, for any test runner:
 * `for (const { name, run } of conformance(row)) it(name, run)`.
 */
export function conformance(row: ConformanceRow): ConformanceCase[] {
  const { attack, params, findsOptimum = true, classes = 2 } = row;
  const kind = row.victim ?? (attack.victim === 'autoencoder' ? 'autoencoder' : 'classifier');
  const supported = normNames.filter((norm) => params(norm, 0.1));
  const cases: ConformanceCase[] = [];
  const add = (name: string, run: (make: typeof linearOracle) => Promise<void>) =>
    cases.push({
      name: `${attack.name}: ${name}`,
      run: async () => {
        await openEngine('tfjs:wasm');
        await run(kind === 'autoencoder' ? linearAutoencoder : linearOracle);
      },
    });

  for (const norm of supported) {
    add(`stays inside box and epsilon (${norm})`, async (make) => {
      const oracle = make(6, { classes });
      for (const epsilon of [0.02, 0.9]) {
        const { perturbed } = await call(row, oracle, params(norm, epsilon)!);
        const threat = attack.threat(params(norm, epsilon));
        if (threat.norm !== 'none') assert.deepEqual([threat.norm, threat.epsilon], [norm, epsilon]);
        eachRow(oracle, perturbed, (clean, image, i) => {
          assert.equal(
            findDefect(clean, image, [0, 1], threat),
            undefined,
            `sample ${i}, epsilon ${epsilon}`,
          );
        });
      }
    });

    add(`returns the input for epsilon 0 (${norm})`, async (make) => {
      const oracle = make(4, { classes });
      const { perturbed } = await call(row, oracle, params(norm, 0)!);
      assert.deepEqual(perturbed, oracle.images);
    });

    if (findsOptimum) {
      add(`is within 1.25 × the optimum on a linear model (${norm})`, async (make) => {
        const oracle = make(8, { classes });
        for (const [i] of oracle.labels.entries()) {
          const single = pick(oracle, [i]);
          const epsilon = 1.25 * oracle.optimum(i, norm);
          assert.equal(
            await successes(row, single, params(norm, epsilon)!),
            1,
            `sample ${i} held at epsilon ${epsilon}`,
          );
        }
      });
    }

    // Of noise on an autoencoder that is not true: what moves farther is reconstructed worse.
    if (kind === 'autoencoder' && !findsOptimum) continue;
    add(`breaks no fewer samples with a larger epsilon (${norm})`, async (make) => {
      const oracle = make(12, { classes });
      const middle = oracle.optimum(0, norm);
      const rates: number[] = [];
      for (const factor of [0.25, 1, 2, 4])
        rates.push(await successes(row, oracle, params(norm, factor * middle)!));
      assert.deepEqual(
        rates,
        [...rates].sort((a, b) => a - b),
      );
    });
  }

  const [norm] = supported;
  add('gives the same bytes for the same seed', async (make) => {
    const oracle = make(5, { classes });
    const once = await call(row, oracle, params(norm, 0.1)!);
    const again = await call(row, oracle, params(norm, 0.1)!);
    assert.deepEqual(again.perturbed, once.perturbed);
  });

  add('does not depend on batch size or order', async (make) => {
    const oracle = make(5, { classes });
    const order = [3, 0, 4, 2, 1];
    const whole = await call(row, oracle, params(norm, 0.1)!);
    const shuffled = await call(row, pick(oracle, order), params(norm, 0.1)!, order);
    const size = oracle.images.length / 5;
    for (const [position, i] of order.entries()) {
      const expected = whole.perturbed.subarray(i * size, (i + 1) * size);
      const alone = await call(row, pick(oracle, [i]), params(norm, 0.1)!, [i]);
      assert.deepEqual(
        shuffled.perturbed.subarray(position * size, (position + 1) * size),
        expected,
        `sample ${i} in another order`,
      );
      assert.deepEqual(alone.perturbed, expected, `sample ${i} alone`);
    }
  });

  add('leaks no tensor', async (make) => {
    const oracle = make(4, { classes });
    await call(row, oracle, params(norm, 0.1)!);
    const before = tf.memory().numTensors;
    await call(row, oracle, params(norm, 0.1)!);
    assert.equal(tf.memory().numTensors, before);
  });

  if ('target' in attack.params.properties) {
    add('reaches a target class', async (make) => {
      const oracle = make(6, { classes });
      const hits = await successes(row, oracle, { ...params(norm, 0.5)!, target: 'next' });
      if (findsOptimum) assert.equal(hits, oracle.labels.length);
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
        const oracle = make(4, { classes });
        const given = structuredClone(params(norm, 1e-4)!);
        checkAgainst(attack.params, given);
        // No class changes within so small an epsilon, so that all is spent; the victim ends what asks for more.
        const { ledger } = await call(row, oracle, attack.within!(given, budget), undefined, budget);
        const [[what, most]] = Object.entries(budget) as ['gradients' | 'forwards', number][];
        const spent = Math.max(...ledger[what]);
        const all = kind === 'classifier' && (what === 'forwards' || attack.usesGradients);
        if (all) assert.ok(spent > most / 2, `only ${spent} of ${most} ${what} are used`); // prettier-ignore
      });
  }

  // An autoencoder that gives the same whatever it sees reconstructs nothing worse: all of it is broken.
  if (attack.usesGradients && kind === 'classifier') {
    add('does not pass a flat victim off as robust', async (make) => {
      const oracle = make(3, { classes, flat: true });
      const { perturbed, ledger } = await call(row, oracle, params(norm, 0.1)!);
      assert.ok(
        ledger.gradients.every((count) => count > 0),
        'no gradient was asked for',
      );
      const batch = { indices: [0, 1, 2], labels: oracle.labels, clean: oracle.images };
      const before = await judge(oracle.victim, oracle.images, oracle.images, oracle.labels);
      const threat = attack.threat(params(norm, 0.1));
      const { outcomes } = await assess(oracle.victim, batch, before, { perturbed }, threat, undefined);
      const flat = await findFlat(oracle.victim, oracle.images, oracle.labels);
      const findings = checkSoundness(outcomes.map((outcome, i) => ({ ...outcome, flat: flat[i] === 1 })), 0); // prettier-ignore
      assert.deepEqual(
        findings.map(({ code }) => code),
        ['zero-gradients'],
      );
    });
  }
  return cases;
}

async function call(
  { attack }: ConformanceRow,
  oracle: LinearOracle,
  given: Record<string, unknown>,
  indices = [...oracle.labels.keys()],
  budget?: Budget,
): Promise<{ perturbed: Float32Array; ledger: Ledger }> {
  const params = structuredClone(given);
  assert.deepEqual(checkAgainst(attack.params, params), [], 'the parameters are not valid');
  const n = oracle.labels.length;
  const ledger = newLedger(n);
  const { labels } = oracle;
  const { kind } = oracle.victim.traits;
  const targets = resolveTargets(labels, oracle.classes, attack.threat(params).target);
  const { loss: cleanLoss } = await judge(oracle.victim, oracle.images, oracle.images, labels);
  const perturbed = await tidyAsync(async () => {
    const x = tf.tensor4d(oracle.images, [n, ...oracle.shape]);
    const victim = new CountedVictim(oracle.victim, ledger, { budget });
    const result = await attack.perturb({
      victim,
      x,
      labels,
      targets,
      goal: standardGoal({ kind, x, labels, targets, cleanLoss }),
      params,
      random: new BatchRandom(seed, attack.name, indices),
    });
    await victim.settle();
    assert.deepEqual(result.perturbed.shape, [n, ...oracle.shape]);
    return result.perturbed;
  });
  const values = ((await perturbed.data()) as Float32Array).slice();
  perturbed.dispose();
  return { perturbed: values, ledger };
}

/** How many samples the referee calls broken. */
async function successes(
  row: ConformanceRow,
  oracle: LinearOracle,
  params: Record<string, unknown>,
): Promise<number> {
  const { victim, images, labels, classes } = oracle;
  const { perturbed } = await call(row, oracle, params);
  const threat = row.attack.threat(params);
  const targets = resolveTargets(labels, classes, threat.target);
  const batch = { indices: [...labels.keys()], labels, targets, clean: images };
  const before = await judge(victim, images, images, labels);
  const { outcomes } = await assess(victim, batch, before, { perturbed }, threat, undefined);
  return outcomes.filter(({ status }) => status === 'broken').length;
}

function pick(oracle: LinearOracle, rows: readonly number[]): LinearOracle {
  const size = oracle.images.length / oracle.labels.length;
  const images = new Float32Array(rows.length * size);
  rows.forEach((row, i) => images.set(oracle.images.subarray(row * size, (row + 1) * size), i * size));
  return {
    ...oracle,
    images,
    labels: Int32Array.from(rows, (row) => oracle.labels[row]),
    optimum: (i, norm) => oracle.optimum(rows[i], norm),
  };
}

function eachRow(
  oracle: LinearOracle,
  perturbed: Float32Array,
  check: (clean: Float32Array, image: Float32Array, i: number) => void,
): void {
  const size = oracle.images.length / oracle.labels.length;
  oracle.labels.forEach((_, i) =>
    check(oracle.images.subarray(i * size, (i + 1) * size), perturbed.subarray(i * size, (i + 1) * size), i),
  );
}
