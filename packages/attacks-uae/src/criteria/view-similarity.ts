// Grill et al., "Bootstrap Your Own Latent", 2020, equation 2: a loss of two views alone, without negatives.
//
//   L(z) = 2 − 2 s(z, z⁺),   s the cosine;   f = L(x+δ) − L(x)
import { defineCriterion, tf } from '@gauntlet/api';
import { cosines, direction, rowsOf, shiftParam, viewsOf } from './embeddings.js';

/** Met where the perturbed input is embedded no farther from the other view of the input than the input is. */
export const viewSimilarity = defineCriterion({
  name: 'view-similarity',
  version: 1,
  victim: 'encoder',
  description:
    'The embedding is no farther from that of another view of the image (BYOL) than that of the clean input',
  params: { type: 'object', additionalProperties: false, properties: { ...shiftParam } },
  async open(context) {
    const { clean, view } = await viewsOf(context);
    const loss = (z: tf.Tensor2D, rows: readonly number[]): tf.Tensor1D =>
      tf.sub(2, tf.mul(cosines(z, rowsOf(view, rows)), 2));
    return (rows) => ({
      name: 'view-similarity',
      value: ({ embedding }) =>
        tf.tidy(() => tf.sub(loss(direction(embedding!), rows), loss(rowsOf(clean, rows), rows))),
    });
  },
});
