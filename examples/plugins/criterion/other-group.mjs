// other-group.mjs — criterion: ./other-group.mjs
//   f = max_{k in the label's group} z_k − max_{k in any other} z_k: met where a class of another group is likelier.
// Some mistakes cost more than others: a cat taken for a dog is one thing, a cat taken for a lorry another.
import { defineCriterion, tf } from '@gauntlet/api';

export default defineCriterion({
  name: 'other-group',
  version: 1,
  victim: 'classifier',
  description: 'Taken for a class of another group than the label',
  params: {
    type: 'object',
    additionalProperties: false,
    required: ['groups'],
    properties: {
      groups: {
        type: 'array',
        items: { type: 'integer', minimum: 0 },
        description: 'The group of each class',
      },
    },
  },
  open:
    ({ labels, params: { groups } }) =>
    (rows) => {
      const same = rows.map((row) => groups.map((group) => (group === groups[labels[row]] ? 1 : 0)));
      return {
        name: 'other-group',
        value: ({ logits }) => {
          const group = tf.tensor2d(same);
          const largest = (mask) => tf.max(tf.sub(logits, tf.mul(tf.sub(1, mask), 1e9)), 1);
          return tf.sub(largest(group), largest(tf.sub(1, group)));
        },
      };
    },
});
