// A criterion of one's own: contrastive, on the features of an encoder. x₂, the image moved by one pixel, is the other
// view of the same thing; upside down and mirrored it stands for other things.
//
//   L(z) = −log( e^{s(z, z₂)/τ} / Σ_k e^{s(z, z_k)/τ} ),  s the cosine;  met where L(x+δ) ≤ L(x)
//
// van den Oord, Li, Vinyals, "Representation Learning with Contrastive Predictive Coding", 2018, with negatives made from
// the image itself: a sample's criterion may not depend on the others in its batch.
import { defineCriterion, tf } from '@gauntlet/api';

/** Feature maps → unit vectors [n, d]. */
const embed = (features) => {
  const flat = tf.reshape(features, [features.shape[0], -1]);
  return tf.div(flat, tf.add(tf.norm(flat, 2, 1, true), 1e-6));
};

/** z [n,d] against K others [n,d], the first of which is the same thing: [n]. */
const loss = (z, others, temperature) => {
  const scores = tf.stack(
    others.map((other) => tf.div(tf.sum(tf.mul(z, other), 1), temperature)),
    1,
  );
  return tf.sub(tf.logSumExp(scores, 1), tf.squeeze(tf.slice(scores, [0, 0], [-1, 1]), [1]));
};

export default defineCriterion({
  name: 'two-views',
  version: 1,
  victim: 'any',
  description: 'No farther from another view of itself than the original is',
  params: {
    type: 'object',
    additionalProperties: false,
    properties: { temperature: { type: 'number', exclusiveMinimum: 0, default: 0.1 } },
  },
  async open({ victim, x, params: { temperature } }) {
    const [, h, w, c] = x.shape;
    const moved = tf.pad(tf.slice(x, [0, 0, 0, 0], [-1, h, w - 1, c]), [
      [0, 0],
      [0, 0],
      [1, 0],
      [0, 0],
    ]);
    const views = [moved, tf.reverse(x, 1), tf.reverse(x, 2)];
    const others = [];
    for (const view of views) others.push(embed((await victim.features(view)).features));
    const clean = loss(embed((await victim.features(x)).features), others, temperature);
    return (rows) => {
      const pick = (tensor) => tf.gather(tensor, rows);
      return {
        name: 'two-views',
        value: ({ features }) => tf.sub(loss(embed(features), others.map(pick), temperature), pick(clean)),
      };
    };
  },
});
