// Robustness beside the other tests of a model. Run: npx vitest run --root examples/vitest
import { autoencoder, classifier, digits, mineUae, minmax, noise, pgd } from '@gauntlet/vitest';
import { describe, expect, test } from 'vitest';

const model = classifier('@gauntlet/zoo/models/digits-cnn/model.json', {
  name: 'digits-cnn',
  bounds: [0, 1],
});
const on = digits({ take: 20 });

describe('the digit classifier', () => {
  test('withstands noise', async () => {
    await expect(model).toWithstand(noise({ epsilon: 0.1 }), {
      on,
      cleanAccuracy: { min: 0.95 },
      asr: { max: 0.05 },
    });
  });

  test('is broken by PGD, but not always', async () => {
    await expect(model).toHaveAttackSuccessRate(pgd({ norm: 'linf', epsilon: 0.1, steps: 20 }), {
      on,
      min: 0.2,
      max: 0.8,
    });
  });

  test('is broken by inputs that look the same', async () => {
    const attack = minmax({ similarity: 'gaussian', iterations: 40 });
    await expect(model).toKeepMutualInformation(attack, { on, min: 5 });
    await expect(model).not.toWithstand(attack, { on });
  });
});

test('the digit autoencoder reconstructs under MINE-UAE', async () => {
  const model = autoencoder('@gauntlet/zoo/models/digits-conv-ae/model.json', {
    name: 'digits-conv-ae',
    bounds: [0, 1],
  });
  const attack = mineUae({ similarity: 'gaussian', initialC: 10 });
  await expect(model).toReconstructWithin(attack, { on: digits({ take: 10 }), max: 0.005 });
});
