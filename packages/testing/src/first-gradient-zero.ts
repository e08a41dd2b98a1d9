import { tf } from '@gauntlet/api';
import { call } from './call-attack.js';
import type { ConformanceRow } from './conformance-row.js';
import { expectThat, firstDifferent } from './expect-that.js';
import type { LinearOracle } from './linear-victim.js';

/**
 * The first gradient that the attack is given is exactly zero, and all others are right. An attack that divides by a
 * gradient's length without a guard has NaN for a direction from then on, and may stand still without a word.
 */
export async function checkFirstGradientZero(
  row: ConformanceRow,
  oracle: LinearOracle,
  params: Record<string, unknown>,
): Promise<void> {
  const { victim, images, labels } = oracle;
  const differentiate = victim.differentiate.bind(victim) as typeof victim.differentiate<unknown>;
  let calls = 0;
  victim.differentiate = (async (x: tf.Tensor4D, objective: Parameters<typeof differentiate>[1]) => {
    const finite = await tf.tidy(() => tf.all(tf.isFinite(x))).data();
    expectThat(finite[0] === 1, `it asks for the gradient at values that are not finite. ${advice}`);
    const result = await differentiate(x, objective);
    return calls++ > 0 ? result : { ...result, gradient: tf.zerosLike(result.gradient) };
  }) as typeof victim.differentiate;
  const { perturbed } = await call(row, oracle, params);
  expectThat(perturbed.every(Number.isFinite), `it returns values that are not finite. ${advice}`);
  // The second gradient is a direction for every sample; one step in all has none.
  if (calls < 2) return;
  expectThat(
    firstDifferent(perturbed, images, labels.length) >= 0,
    `it asks for ${calls} gradients, of which only the first is zero, and returns its input. ${advice}`,
  );
}

const advice =
  'Does it divide by the length of a gradient that is zero? Take norms.….direction, or divide by tf.maximum(length, 1e-12).';
