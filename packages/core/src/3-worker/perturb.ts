import { type Attack, type AttackContext, type AttackResult, GauntletError, isTensor } from '@gauntlet/api';

/**
 * Calls an attack, and says what it has done wrong in words of its author's rather than TensorFlow's.
 * @throws GauntletError `attack-shape` for a result without `perturbed`, `attack-disposed` if it fails after it disposed x
 */
export async function perturb(attack: Attack, context: AttackContext<unknown, 'any'>): Promise<AttackResult> {
  const result = await attack.perturb(context).catch((error: unknown) => {
    if (!context.x.isDisposed) throw error;
    throw new GauntletError(
      'attack-disposed',
      'it disposed x, a tensor of the host. Dispose nothing but what the attack has made; what it makes is disposed at its end anyhow.',
      { cause: error },
    );
  });
  if (isTensor((result as Partial<AttackResult> | undefined)?.perturbed)) return result;
  throw new GauntletError('attack-shape', 'it returned no `perturbed`. Return { perturbed: tensor }.');
}
