import { defineSpec } from '@gauntlet/core';

export default defineSpec({
  victim: { model: '@gauntlet/zoo/models/digits-cnn/model.json', kind: 'classifier', bounds: [0, 1] },
  dataset: { format: 'plugin', use: 'digits', take: 10 },
  attacks: [
    { use: 'pgd', params: { epsilon: 0.1 }, expect: { asr: { max: 0.9 } } },
    { use: 'my-attack', params: { anything: 1 } },
  ],
});
