// Chen, Kornblith, Norouzi, Hinton, "A Simple Framework for Contrastive Learning of Visual Representations" (SimCLR), 2020,
// equation 1, as the loss of Hsu et al., AAAI 2022, third task:
//
//   L(z) = −log( e^{s(z, z⁺)/τ} / (e^{s(z, z⁺)/τ} + Σ_k e^{s(z, z_k)/τ}) ),   s the cosine;   f = L(x+δ) − L(x)
//
// z⁺ is the embedding of another view of x, z_k are those of other images.
import { defineCriterion, tf } from '@gauntlet/api';
import {
  cosines,
  cosinesWith,
  direction,
  othersOf,
  referencesParam,
  rowsOf,
  shiftParam,
  viewsOf,
} from './embeddings.js';

/** Met where the perturbed input's contrastive loss is no larger than that of the input. */
export const contrastive = defineCriterion({
  name: 'contrastive',
  version: 1,
  victim: 'encoder',
  description: 'The contrastive loss (SimCLR) is no larger than that of the clean input',
  params: {
    type: 'object',
    additionalProperties: false,
    properties: {
      temperature: { type: 'number', exclusiveMinimum: 0, default: 0.5, description: 'τ' },
      ...referencesParam,
      ...shiftParam,
    },
  },
  async open(context) {
    const { temperature } = context.params;
    const { clean, view } = await viewsOf(context);
    const { others, itself } = await othersOf(context);
    const loss = (z: tf.Tensor2D, rows: readonly number[]): tf.Tensor1D => {
      const positive = tf.div(cosines(z, rowsOf(view, rows)), temperature) as tf.Tensor1D;
      const negative = tf.div(cosinesWith(z, others, rowsOf(itself, rows)), temperature);
      return tf.sub(tf.logSumExp(tf.concat([tf.expandDims(positive, 1), negative], 1), 1), positive);
    };
    return (rows) => ({
      name: 'contrastive',
      value: ({ embedding }) =>
        tf.tidy(() => tf.sub(loss(direction(embedding!), rows), loss(rowsOf(clean, rows), rows))),
    });
  },
});
