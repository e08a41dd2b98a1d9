// Chen, Jordan, Wainwright, "HopSkipJumpAttack: A Query-Efficient Decision-Based Attack", IEEE S&P 2020, algorithm 2. Of the
// victim only φ(x) is asked: whether the goal is met at x (1) or not (−1). From a point x̃ on the boundary:
//   ∇S ≈ 1 / (B − 1) Σ_b (φ(x̃ + δ u_b) − φ̄) u_b,  B = B_0 √t draws u_b of length 1                   (equation 16)
//   δ_t = √d θ ‖x̃ − x‖_2 (L2), d θ ‖x̃ − x‖_∞ (L∞); at first a tenth of the box                          (section III.C)
//   x̃ + ξ direction(∇S),  ξ = ‖x̃ − x‖_p / √t, halved until the goal is met                             (section III.D)
// and back to the boundary on the way to x, by bisection to θ: d^{−3/2} (L2), d^{−2} (L∞)                 (algorithm 1)
import {
  type AttackContext,
  defineAttack,
  isMet,
  norms,
  type ParamsInput,
  type ParamsOf,
  type Stream,
  threatParams,
  tidyAsync,
  tf,
} from '@gauntlet/api';
import { boundedThreat, boundParam, withinBound } from './bound.js';
import { blocks, Estimate, geometryOf } from './hop-skip-jump-geometry.js';

const params = {
  type: 'object',
  additionalProperties: false,
  properties: {
    norm: { enum: ['linf', 'l2'], default: 'l2', description: threatParams.norm.description },
    ...boundParam,
    queries: { type: 'integer', minimum: 2, default: 10_000, description: 'Forward passes for a sample' },
    initialDraws: {
      type: 'integer',
      minimum: 1,
      default: 100,
      description: 'B_0: draws for the first estimate of a gradient',
    },
  },
} as const;

export type HopSkipJumpParams = ParamsInput<typeof params>;
type Context = AttackContext<ParamsOf<typeof params>, 'classifier'>;

/** One sample on its way along the boundary. */
interface Walk {
  row: number;
  stream: Stream;
  clean: Float32Array;
  /** Where it is: an image that meets the goal. */
  at: Float32Array;
  /** The nearest such image so far, and how far it is. */
  best: Float32Array;
  length: number;
  /** Queries. */
  left: number;
}

/** HopSkipJump: by labels alone. */
export const hopSkipJump = defineAttack({
  name: 'hop-skip-jump',
  version: 1,
  victim: 'classifier',
  reference: 'Chen et al., IEEE S&P 2020, algorithm 2',
  description: 'A short perturbation along the boundary; asks for labels only',
  params,
  usesGradients: false,
  goals: 'standard',
  shortest: ({ norm }) => norm,
  threat: ({ norm, epsilon }) => boundedThreat({ norm, epsilon }),
  within: (params, { forwards = params.queries }) => ({ ...params, queries: Math.max(2, forwards) }),
  async perturb(context) {
    const { x, params, victim, random } = context;
    const clean = (await x.data()) as Float32Array;
    const size = clean.length / x.shape[0];
    const walks = random.streams('walk').map((stream, row): Walk => {
      const image = clean.subarray(row * size, (row + 1) * size);
      return { row, stream, clean: image, at: image, best: image, length: Infinity, left: params.queries };
    });
    let going = await begin(context, walks);
    await bisect(context, going);
    for (let t = 1; going.length > 0; t++) {
      await step(context, going, t);
      await bisect(context, going);
      going = going.filter(({ left }) => left > 1);
    }
    const found = new Float32Array(clean.length);
    walks.forEach(({ row, best }) => found.set(best, row * size));
    return { perturbed: withinBound(x, found, norms[params.norm], params.epsilon, victim.bounds) };
  },
});

/** Starts in noise of the whole box. Every other draw is coarse, which reaches classes that fine noise does not. */
async function begin(context: Context, walks: readonly Walk[]): Promise<Walk[]> {
  const { shape } = context.x;
  const [low, high] = context.victim.bounds;
  const attempts = 100;
  let open = [...walks];
  for (let attempt = 0; attempt < attempts && open.length > 0; attempt++) {
    const cells = attempt % 2 === 0 ? Math.max(shape[1], shape[2]) : 1 + ((attempt >> 1) % 8);
    const images = open.map(({ stream }) => blocks(shape, cells, () => stream.uniform(low, high)));
    const met = await ask(
      context,
      open,
      images.map((image) => [image]),
    );
    met.forEach(([yes], i) => yes && (open[i]!.at = images[i]!));
    open = open.filter(({ length, left }) => length === Infinity && left > 0);
  }
  return walks.filter(({ length, left }) => length < Infinity && left > 0);
}

/** Algorithm 1: towards the clean image, as near as the goal is met. */
async function bisect(context: Context, walks: readonly Walk[]): Promise<void> {
  const { theta, between } = geometryOf(context);
  const ends = walks.map(({ at }) => ({ far: at, low: 0, high: 1 }));
  for (let bits = Math.ceil(Math.log2(1 / theta)); bits > 0; bits--) {
    const shares = ends.map(({ low, high }) => (low + high) / 2);
    const images = walks.map(({ clean }, i) => between(clean, ends[i]!.far, shares[i]!));
    const met = await ask(
      context,
      walks,
      images.map((image) => [image]),
    );
    met.forEach(([yes], i) => {
      ends[i]![yes ? 'high' : 'low'] = shares[i]!;
      if (yes) walks[i]!.at = images[i]!;
    });
  }
}

/** Along an estimate of the gradient at the boundary, as far as the goal is still met. */
async function step(context: Context, walks: readonly Walk[], t: number): Promise<void> {
  const { params, victim } = context;
  const [low, high] = victim.bounds;
  const { theta, spread, lengthOf, draw, directionOf } = geometryOf(context);
  const moved = ({ at }: Walk, by: ArrayLike<number>, factor: number) =>
    at.map((value, i) => Math.min(high, Math.max(low, value + factor * by[i]!)));
  const most = Math.floor(params.initialDraws * Math.sqrt(t));
  const estimates = walks.map((walk) => {
    const length = lengthOf(walk.at, walk.clean);
    const delta = t === 1 ? 0.1 * (high - low) : spread * theta * length;
    // The last query is for the step.
    return { gradient: new Estimate(walk.at), length, delta, open: Math.min(most, walk.left - 1) };
  });
  const atOnce = Math.max(1, Math.floor(mostImages / walks.length));
  for (let done = 0; done < most; done += atOnce) {
    const images = walks.map((walk, i) => {
      const { delta, open } = estimates[i]!;
      const count = Math.max(0, Math.min(atOnce, open - done));
      return Array.from({ length: count }, () => moved(walk, draw(walk), delta));
    });
    const met = await ask(context, walks, images);
    met.forEach((answers, i) => answers.forEach((yes, k) => estimates[i]!.gradient.add(images[i]![k]!, yes)));
  }
  const steps = walks.map((walk, i) => {
    const { gradient, length } = estimates[i]!;
    return { walk, direction: directionOf(gradient.mean()), xi: length / Math.sqrt(t) };
  });
  const halvings = 20;
  for (let open = steps, k = 0; k < halvings && open.length > 0; k++) {
    const images = open.map(({ walk, direction, xi }) => moved(walk, direction, xi));
    const met = await ask(
      context,
      open.map(({ walk }) => walk),
      images.map((image) => [image]),
    );
    open.forEach((one, i) => (met[i]![0] ? (one.walk.at = images[i]!) : (one.xi /= 2)));
    open = open.filter((_, i) => met[i]![0] === false);
  }
}

/** Images that one pass takes at most. */
const mostImages = 512;

/**
 * Whether images meet the goal: all that is asked of the victim. Takes a list for each walk, and gives answers for as many as
 * it has queries left. The nearest image that meets the goal is the walk's best.
 */
async function ask(
  { victim, goal, x, params }: Context,
  walks: readonly Walk[],
  images: readonly (readonly Float32Array[])[],
): Promise<boolean[][]> {
  const { lengthOf } = geometryOf({ x, params });
  const asked = walks.flatMap((walk, i) => {
    const some = images[i]!.slice(0, walk.left);
    walk.left -= some.length;
    return some.map((image) => ({ walk, image, i }));
  });
  const answers = walks.map((): boolean[] => []);
  for (let from = 0; from < asked.length; from += mostImages) {
    const some = asked.slice(from, from + mostImages);
    const rows = some.map(({ walk }) => walk.row);
    const f = await tidyAsync(async () => {
      const values = new Float32Array(some.length * some[0]!.image.length);
      some.forEach(({ image }, k) => values.set(image, k * image.length));
      const [, height, width, channels] = x.shape;
      const batch = tf.tensor4d(values, [some.length, height, width, channels]);
      return goal(rows)
        .value(await victim.rows(rows).predict(batch))
        .data();
    });
    some.forEach(({ walk, image, i }, k) => {
      const met = isMet(f[k]!);
      answers[i]!.push(met);
      const length = met ? lengthOf(image, walk.clean) : Infinity;
      if (length < walk.length) Object.assign(walk, { best: image, length });
    });
  }
  return answers;
}
