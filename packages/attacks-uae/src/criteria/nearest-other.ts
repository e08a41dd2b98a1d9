// What an encoder is wrong in: f = s(z, z⁺) − max_k s(z, z_k), the margin of a search by embeddings. z⁺ is the embedding of
// another view of the image, z_k are those of other images, s the cosine.
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

/** Met where another image is found nearer to the perturbed input than another view of the input itself. */
export const nearestOther = defineCriterion({
  name: 'nearest-other',
  version: 1,
  victim: 'encoder',
  description:
    'The embedding is nearer to that of another image than to that of another view of the same image',
  params: { type: 'object', additionalProperties: false, properties: { ...referencesParam, ...shiftParam } },
  async open(context) {
    const { view } = await viewsOf(context);
    const { others, itself } = await othersOf(context);
    return (rows) => ({
      name: 'nearest-other',
      value: ({ embedding }) =>
        tf.tidy(() => {
          const z = direction(embedding!);
          return tf.sub(
            cosines(z, rowsOf(view, rows)),
            tf.max(cosinesWith(z, others, rowsOf(itself, rows)), 1),
          );
        }),
    });
  },
});
