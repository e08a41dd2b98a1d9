import { classifier, digits, pgd } from '@gauntlet/vitest';
import { expect, test } from 'vitest';

test('asks too much', async () => {
  const model = classifier('@gauntlet/zoo/models/digits-cnn/model.json', {
    name: 'digits-cnn',
    bounds: [0, 1],
  });
  await expect(model).toWithstand(pgd({ epsilon: 0.1, steps: 10 }), {
    on: digits({ take: 20 }),
    asr: { max: 0.05 },
  });
});
