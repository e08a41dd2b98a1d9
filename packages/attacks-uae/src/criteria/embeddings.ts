// What criteria of encoders compare: directions of embeddings. A second view of an image is the image moved by some pixels.
// Negatives are the first images of the dataset and not, as in training, the rest of a batch: what is said of a sample
// must not depend on who is attacked beside it.
import { type AnyVictim, type CriterionContext, GauntletError, takeRows, tf } from '@gauntlet/api';

export const shiftParam = {
  shift: {
    type: 'integer',
    minimum: 1,
    default: 2,
    description: 'Pixels by which the other view of an image is moved, down and to the right',
  },
} as const;

export const referencesParam = {
  references: {
    type: 'integer',
    minimum: 1,
    default: 64,
    description: 'Images of the dataset, from the first on, that an image is compared with',
  },
} as const;

/** Embeddings [n,d] → unit vectors [n,d]. */
export const direction = (embedding: tf.Tensor2D): tf.Tensor2D =>
  tf.tidy(() => tf.div(embedding, tf.add(tf.norm(embedding, 2, 1, true), 1e-6)));

/** Cosines of z with the view of the same image: [n]; both [n,d] unit vectors. */
export const cosines = (z: tf.Tensor2D, view: tf.Tensor2D): tf.Tensor1D => tf.sum(tf.mul(z, view), 1);

/** [n,h,w,c] moved down and to the right; what is uncovered repeats the edge. */
function moved(x: tf.Tensor4D, shift: number): tf.Tensor4D {
  const [, h, w] = x.shape;
  if (Math.max(h, w) <= shift)
    throw new GauntletError(
      'criterion-params',
      `Images of ${h} × ${w} pixels cannot be moved by ${shift}: choose a smaller "shift".`,
    );
  const back = (size: number) => Array.from({ length: size }, (_, i) => Math.max(0, i - shift));
  return tf.tidy(() => tf.gather(tf.gather(x, back(h), 1), back(w), 2));
}

const embed = async (victim: AnyVictim, x: tf.Tensor4D): Promise<tf.Tensor2D> =>
  direction((await victim.predict(x)).embedding);

type Context<P> = Pick<CriterionContext<P, 'encoder'>, 'victim' | 'x' | 'references' | 'params'>;

/** Directions of the clean inputs and of their other views, [n,d] each. */
export async function viewsOf({ victim, x, params: { shift } }: Context<{ shift: number }>) {
  return { clean: await embed(victim, x), view: await embed(victim, moved(x, shift)) };
}

/** Directions of other images [m,d], and [n,m] 1 where one of them is the sample itself. */
export async function othersOf({ victim, references, params }: Context<{ references: number }>) {
  const { images, own } = await references(params.references);
  const m = images.shape[0];
  if (m < 2)
    throw new GauntletError(
      'criterion-params',
      'There is no other image to compare with: take two or more samples of the dataset, and "references" of two or more.',
    );
  const itself = new Float32Array(own.length * m);
  own.forEach((position, row) => {
    if (position >= 0) itself[row * m + position] = 1;
  });
  return { others: await embed(victim, images), itself: tf.tensor2d(itself, [own.length, m]) };
}

/** Cosines of z [n,d] with the other images, [n,m]; that with itself far below them all. */
export const cosinesWith = (z: tf.Tensor2D, others: tf.Tensor2D, itself: tf.Tensor2D): tf.Tensor2D =>
  tf.sub(tf.matMul(z, others, false, true), tf.mul(itself, far));

/** Nothing is this far away: cosines are −1 to 1. */
const far = 1e4;

/** Rows of a tensor. */
export const rowsOf = (tensor: tf.Tensor2D, rows: readonly number[]): tf.Tensor2D => takeRows(tensor, rows);
