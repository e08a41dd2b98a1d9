// Madry, Makelov, Schmidt, Tsipras, Vladu, "Towards Deep Learning Models Resistant to Adversarial Attacks", ICLR 2018:
//   x_{t+1} = Π_{x+S} ( x_t + α · direction(∇_x L(θ, x_t, y)) )
import * as tf from '@tensorflow/tfjs-core';
import {
  BestSoFar, classifiedAs, defineAttack, misclassified, norms, stayInside, takeRows, tidyAsync, type ParamsInput,
} from '@gauntlet/core'; // prettier-ignore
import { assertClasses, lossOf } from './losses.js';
import { targetParam, threatParams } from './shared-params.js';

const params = {
  type: 'object',
  additionalProperties: false,
  required: ['epsilon'],
  properties: {
    ...threatParams,
    steps: { type: 'integer', minimum: 1, default: 40, description: 'Gradient steps' },
    stepSize: {
      anyOf: [{ type: 'number', exclusiveMinimum: 0 }, { type: 'null' }],
      default: null,
      description: 'α, in input units; null: 2.5 · epsilon / steps',
    },
    randomStart: { type: 'boolean', default: true, description: 'Start at a random point of the ball' },
    restarts: {
      type: 'integer',
      minimum: 1,
      default: 1,
      description: 'Runs with another random start for samples that held',
    },
    loss: { enum: ['ce', 'margin', 'dlr'], default: 'ce', description: 'What is ascended' },
    keepImproving: {
      type: 'boolean',
      default: false,
      description: 'Do all steps and keep the largest loss; false: a sample leaves at its first success',
    },
    ...targetParam,
  },
} as const;

export type PgdParams = ParamsInput<typeof params>;

/** Projected gradient descent. */
export const pgd = defineAttack({
  name: 'pgd',
  version: 1,
  victim: 'classifier',
  reference: 'Madry et al., ICLR 2018, section 2.1',
  description: 'Projected gradient ascent on the loss: the baseline',
  params,
  usesGradients: true,
  threat: ({ norm, epsilon, target }) => ({ norm, epsilon, target }),
  async perturb({ victim, x, labels, targets, params, random }) {
    const { epsilon, steps, restarts, keepImproving } = params;
    const stepSize = params.stepSize ?? (2.5 * epsilon) / steps;
    const norm = norms[params.norm];
    assertClasses(params.loss, victim.classes, targets !== undefined);
    const n = x.shape[0];
    const best = new BestSoFar((await x.data()) as Float32Array, n);
    const pick = (from: Int32Array, rows: readonly number[]) => Int32Array.from(rows, (row) => from[row]);

    for (let restart = 0; restart < restarts; restart++) {
      let rows = [...Array(n).keys()].filter((row) => keepImproving || !best.success[row]);
      if (rows.length === 0) break;
      let clean = takeRows(x, rows);
      let current = clean;
      if (params.randomStart) {
        const start = norm.randomStart(random.part(`restart-${restart}`), x.shape.slice(1), epsilon);
        current = stayInside(clean, takeRows(start, rows), norm, epsilon, victim.bounds);
      }
      // One pass more than there are steps: the last one only looks at where the last step led.
      for (let step = 0; step <= steps; step++) {
        const [y, t] = [pick(labels, rows), targets && pick(targets, rows)];
        const loss = lossOf(params.loss, y, t);
        const goal = t ? classifiedAs(t) : misclassified(y);
        const last = step === steps;
        const next = await tidyAsync(async () => {
          const view = victim.rows(rows);
          const { outputs, value, gradient } = last
            ? { outputs: await view.predict(current), value: undefined, gradient: undefined }
            : await view.differentiate(current, loss);
          const criterion = await goal.value(outputs).data();
          await best.offer(rows, current, criterion, await (value ?? loss(outputs)).data());
          const stay = keepImproving
            ? [...rows.keys()]
            : [...rows.keys()].filter((i) => !(criterion[i] <= 0));
          if (!gradient || stay.length === 0) return { stay: [] as number[] };
          const stepped = tf.add(current, tf.mul(norm.direction(gradient), stepSize));
          const inside = stayInside(clean, tf.sub(stepped, clean), norm, epsilon, victim.bounds);
          const all = stay.length === rows.length;
          return {
            stay,
            current: all ? inside : takeRows(inside, stay),
            clean: all ? tf.clone(clean) : takeRows(clean, stay),
          };
        });
        if (!next.current) break;
        tf.dispose([clean, current]);
        ({ clean, current } = next as { clean: tf.Tensor4D; current: tf.Tensor4D });
        rows = next.stay.map((i) => rows[i]);
      }
      tf.dispose([clean, current]);
    }
    return { perturbed: tf.tensor4d(best.images(), x.shape) };
  },
});
