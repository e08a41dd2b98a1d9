// Andriushchenko, Croce, Flammarion, Hein, "Square Attack: a query-efficient black-box adversarial attack via random
// search", ECCV 2020, algorithm 1: a random window of the perturbation is changed; the change is kept where it makes the
// criterion smaller. Windows shrink as queries go by. How they are filled: square-windows.ts.
import {
  type AnyVictim,
  defineAttack,
  type Goal,
  type GoalSource,
  isMet,
  type ParamsInput,
  predictFor,
  targetParam,
  threatParams,
  tidyAsync,
  tf,
} from '@gauntlet/api';
import { windowsOf } from './square-windows.js';

const params = {
  type: 'object',
  additionalProperties: false,
  required: ['epsilon'],
  properties: {
    norm: { enum: ['linf', 'l2'], default: 'linf', description: threatParams.norm.description },
    epsilon: threatParams.epsilon,
    queries: {
      type: 'integer',
      minimum: 1,
      default: 5000,
      description:
        'Windows for a sample that holds, each a forward pass unless it leaves the image as it was',
    },
    p: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
      default: 0.8,
      description: 'Share of the image that the first windows cover',
    },
    ...targetParam,
  },
} as const;

export type SquareParams = ParamsInput<typeof params>;

/** Square attack: random search by scores alone. */
export const square = defineAttack({
  name: 'square',
  version: 2,
  victim: 'any',
  reference: 'Andriushchenko et al., ECCV 2020, algorithms 1 to 3',
  description: 'Random search over square windows; asks for scores only',
  params,
  usesGradients: false,
  goals: 'any',
  threat: ({ norm, epsilon, target }) => ({ norm, epsilon, target }),
  takesExamples: () => true,
  within: (params, { forwards = params.queries }) => ({ ...params, queries: forwards }),
  async perturb({ random, ...context }) {
    const { victim, x, params } = context;
    const { queries, epsilon } = params;
    const [n, height, width, channels] = x.shape;
    const windows = windowsOf(params.norm, { height, width, channels, epsilon, bounds: victim.bounds });
    const streams = random.streams('windows');
    const clean = (await x.data()) as Float32Array;
    const size = clean.length / n;
    const rowOf = (images: Float32Array, row: number) => images.subarray(row * size, (row + 1) * size);
    const best = new Float32Array(clean.length);
    const candidates = new Float32Array(clean.length);
    const smallest = new Float64Array(n).fill(Infinity);
    let rows = [...Array(n).keys()];
    for (let query = 0; query < queries && rows.length > 0; query++) {
      const share = shareAt(params.p, query / queries);
      // Windows that leave an image as it was are no query: its criterion is known. Their place goes to the next one.
      const asked: number[] = [];
      for (const row of rows) {
        const [from, into, stream] = [rowOf(clean, row), rowOf(candidates, asked.length), streams[row]!];
        if (query === 0) into.set(windows.start(from, stream));
        else if (!windows.change(from, rowOf(best, row), into, share, stream)) continue;
        asked.push(row);
      }
      if (asked.length === 0) continue;
      // The last query's are no longer needed: its tensor is gone.
      const tried = candidates.subarray(0, asked.length * size);
      const f = await criterionOf(
        context,
        asked,
        tf.tensor4d(tried, [asked.length, height, width, channels]),
      );
      asked.forEach((row, i) => {
        if (query > 0 && !(f[i]! < smallest[row]!)) return;
        smallest[row] = f[i]!;
        rowOf(best, row).set(rowOf(tried, i));
      });
      rows = rows.filter((row) => !isMet(smallest[row]!));
    }
    return { perturbed: tf.tensor4d(best, x.shape) };
  },
});

interface Scene {
  victim: AnyVictim;
  goal: Goal;
  goalSource: GoalSource;
}

/** [rows.length] the criterion at x, which is disposed of. */
async function criterionOf(
  { victim, goal, goalSource }: Scene,
  rows: readonly number[],
  x: tf.Tensor4D,
): Promise<Float32Array> {
  const f = await tidyAsync(async () => {
    const outputs = await predictFor(goalSource, victim.rows(rows), x);
    return (await goal(rows).value(outputs).data()) as Float32Array;
  });
  x.dispose();
  return f;
}

/** Of 10,000 queries, those after which windows cover half of what they did. */
const halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

/** Share of the image that a window covers when this share of the queries is spent. */
const shareAt = (p: number, spent: number): number =>
  p / 2 ** halvings.filter((after) => Math.floor(10_000 * spent) > after).length;
