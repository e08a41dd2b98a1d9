import { defineSpec } from '@gauntlet/core';

export default defineSpec({
  victim: {
    name: 'digits-cnn',
    model: '@gauntlet/zoo/models/digits-cnn/model.json',
    kind: 'classifier',
    bounds: [0, 1],
  },
  dataset: { format: 'plugin', use: 'digits', take: 20 },
  attacks: [{ use: 'fgsm', params: { epsilon: 0.05 }, expect: { asr: { max: 0.2 } } }],
});
