// After Croce, Hein, "Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse Parameter-free Attacks",
// ICML 2020 (AutoAttack), as a cascade: a cheap pass first, then one attack after the other, each only on the samples
// that still hold, what costs less before what costs more. Besides Auto-PGD on the cross-entropy and towards the nearest classes and Square, which asks for scores
// alone, it has FMN, which follows the decision boundary instead of a loss.
import {
  type Attack,
  type AttackContext,
  BestSoFar,
  defineAttack,
  isMet,
  norms,
  type ParamsInput,
  type ParamsOf,
  predictFor,
  stayInside,
  takeRows,
  targetParam,
  threatParams,
  tidyAsync,
  tf,
} from '@gauntlet/api';
import { apgd } from './apgd.js';
import { apgdT } from './apgd-t.js';
import { fgsm } from './fgsm.js';
import { fmn } from './fmn.js';
import { pgd } from './pgd.js';
import { square } from './square.js';

const params = {
  type: 'object',
  additionalProperties: false,
  required: ['epsilon'],
  properties: {
    norm: { enum: ['linf', 'l2'], default: 'linf', description: threatParams.norm.description },
    epsilon: threatParams.epsilon,
    ...targetParam,
  },
} as const;

export type StandardParams = ParamsInput<typeof params>;
type Context = AttackContext<ParamsOf<typeof params>, 'classifier'>;

interface Stage {
  name: string;
  attack: Attack;
  params: Record<string, unknown>;
  /** It pursues the standard goal without a target and no other. */
  untargeted?: boolean;
}

const auto = { loss: 'auto' } as const;
const run = { steps: 100, rho: 0.75, ...auto };
const stages: readonly Stage[] = [
  { name: 'fgsm', attack: fgsm, params: auto },
  {
    name: 'pgd-10',
    attack: pgd,
    params: { steps: 10, stepSize: null, randomStart: true, restarts: 1, keepImproving: false, ...auto },
  },
  { name: 'apgd', attack: apgd, params: { ...run, restarts: 1 } },
  // Without a bound on the way: what begins far outside the ball may end inside, where runs that stay in it find nothing.
  { name: 'fmn', attack: fmn, params: { epsilon: null, steps: 100, alpha: 1, gamma: 0.05 } },
  { name: 'apgd-t', attack: apgdT, params: { ...run, targets: 9 }, untargeted: true },
  { name: 'square', attack: square, params: { queries: 5000, p: 0.8 } },
];

/** The parameter-free ensemble: what to measure robust accuracy with. */
export const standard = defineAttack({
  name: 'standard',
  version: 2,
  victim: 'classifier',
  reference: 'Croce and Hein, ICML 2020 (AutoAttack), as a cascade',
  description: 'FGSM, PGD, APGD, FMN, APGD-T and Square in turn, each on what still holds',
  params,
  usesGradients: true,
  goals: 'any',
  threat: ({ norm, epsilon, target }) => ({ norm, epsilon, target }),
  takesExamples: () => true,
  async perturb(context) {
    const { victim, x, targets, goalSource, params } = context;
    const { epsilon } = params;
    const norm = norms[params.norm];
    const n = x.shape[0];
    const best = new BestSoFar((await x.data()) as Float32Array, n);
    const from = new Array<string | undefined>(n);
    for (const { name, attack, params: its, untargeted } of stages) {
      const rows = [...Array(n).keys()].filter((row) => !best.success[row]);
      if (rows.length === 0) break;
      if (untargeted && (targets || goalSource === 'spec')) continue;
      await tidyAsync(async () => {
        const part = partOf(context, name, rows);
        const { perturbed } = await attack.perturb({ ...part, params: { ...params, ...its } } as never);
        const delta: tf.Tensor4D = tf.sub(perturbed, part.x);
        const found = attack === fmn ? stayInside(part.x, delta, norm, epsilon, victim.bounds) : perturbed;
        const criterion = part.goal([...rows.keys()]);
        const f = await criterion.value(await predictFor(goalSource, part.victim, found)).data();
        await best.offer(rows, found, f, f);
        rows.forEach((row, i) => isMet(f[i]!) && (from[row] = name));
      });
    }
    return { perturbed: tf.tensor4d(best.images(), x.shape), stages: from };
  },
});

/** The same for some of the samples, with randomness of the stage's own. */
function partOf(context: Context, stage: string, rows: readonly number[]): Omit<Context, 'params'> {
  const { victim, x, labels, targets, goal, goalSource, random } = context;
  const pick = (from: Int32Array) => Int32Array.from(rows, (row) => from[row]!);
  return {
    victim: victim.rows(rows),
    x: takeRows(x, rows),
    labels: labels && pick(labels),
    targets: targets && pick(targets),
    goal: (some) => goal(some.map((i) => rows[i]!)),
    goalSource,
    random: random.part(stage).rows(rows),
  };
}
