import { classifier, digits, noise, pgd } from '@gauntlet/vitest';
import { expect, test } from 'vitest';

const model = classifier('@gauntlet/zoo/models/digits-cnn/model.json', { bounds: [0, 1] });

test('the digit classifier withstands noise and not PGD', async () => {
  const on = digits({ take: 10 });
  await expect(model).toWithstand(noise({ epsilon: 0.1 }), { on });
  await expect(model).not.toWithstand(pgd({ epsilon: 0.3, steps: 10 }), { on });
}, 120_000);

// @ts-expect-error -- there is no such parameter
export const wrong = () => pgd({ epsilonn: 0.05 });
