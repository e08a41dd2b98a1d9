import { defineSpec } from '@gauntlet/cli';

const victim = { model: './model.onnx', kind: 'classifier', bounds: [0, 1] } as {
  model: string;
  kind: 'classifier';
  bounds: [number, number];
};
const dataset = { format: 'plugin', use: 'digits', take: 10 } as const;

export default defineSpec({
  victim,
  dataset,
  attacks: [
    { use: 'pgd', params: { epsilon: 0.1 } },
    { use: 'my-attack', params: { anything: 1 } },
    { use: 'mine-uae' },
  ],
});

// @ts-expect-error -- there is no such parameter
export const wrong = defineSpec({ victim, dataset, attacks: [{ use: 'pgd', params: { epsilonn: 0.1 } }] });
