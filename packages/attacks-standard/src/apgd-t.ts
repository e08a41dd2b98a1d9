// Croce, Hein, "Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse Parameter-free Attacks",
// ICML 2020, sections 4 and 5: algorithm 1 (apgd.ts) towards each of the classes that are nearest to the label by the
// logits of the clean input, one after the other, with the targeted difference-of-logits ratio (equation 7) as loss.
import {
  BestSoFar,
  type Classifier,
  defineAttack,
  norms,
  type ParamsInput,
  tidyAsync,
  tf,
} from '@gauntlet/api';
import { climb, runParams } from './apgd.js';
import { assertClasses, towards } from './losses.js';
import { otherClasses } from './other-classes.js';
import { runsWithin } from './runs-within.js';

const params = {
  type: 'object',
  additionalProperties: false,
  required: ['epsilon'],
  properties: {
    ...runParams,
    targets: {
      type: 'integer',
      minimum: 1,
      default: 9,
      description: 'Runs, each towards the next nearest class; after the last class it begins anew',
    },
    loss: {
      enum: ['auto', 'dlr', 'margin'],
      default: 'auto',
      description:
        'Ratio of differences of logits, or their difference; auto: dlr, or margin for less than 4 classes',
    },
  },
} as const;

export type ApgdTParams = ParamsInput<typeof params>;

/** Auto-PGD towards the nearest classes. */
export const apgdT = defineAttack({
  name: 'apgd-t',
  version: 1,
  victim: 'classifier',
  reference: 'Croce and Hein, ICML 2020, sections 4 and 5',
  description: 'Auto-PGD towards each of the nearest classes in turn',
  params,
  usesGradients: true,
  goals: 'standard',
  threat: ({ norm, epsilon }) => ({ norm, epsilon }),
  takesExamples: () => true,
  // A forward pass for the order of the classes, which one run of one step cannot afford to miss.
  within: (params, budget) => {
    const { runs: targets, steps } = runsWithin({ runs: params.targets, steps: 1, beside: 1 }, budget);
    return { ...params, targets, steps };
  },
  async perturb({ random, ...context }) {
    const { victim, x, labels, params } = context;
    const { classes } = victim;
    const loss = params.loss === 'auto' ? (classes < 4 ? 'margin' : 'dlr') : params.loss;
    assertClasses(loss, classes, true);
    const n = x.shape[0];
    const best = new BestSoFar((await x.data()) as Float32Array, n);
    const order = await nearestClasses(victim, x, labels);
    for (let run = 0; run < params.targets; run++) {
      const rows = [...Array(n).keys()].filter((row) => !best.success[row]);
      await climb({ ...context, best }, rows, {
        ...params,
        norm: norms[params.norm],
        random: random.part(`target-${run}`),
        lossOf: (rows) =>
          towards(
            loss,
            Int32Array.from(rows, (row) => labels[row]!),
            Int32Array.from(rows, (row) => order[row]![run % (classes - 1)]!),
          ),
        isGoal: false,
      });
    }
    return { perturbed: tf.tensor4d(best.images(), x.shape) };
  },
});

/** Of each sample the classes other than its label, the largest logit first. */
async function nearestClasses(victim: Classifier, x: tf.Tensor4D, labels: Int32Array): Promise<number[][]> {
  const values = await tidyAsync(async () => (await victim.predict(x)).logits.array());
  return values.map((logits, row) => otherClasses(logits, labels[row]!));
}
