// logistic.mjs — victim: { model: ./digits.json, engine: ./logistic.mjs, kind: classifier, bounds: [0, 1] }
//   Scores s = W x + b. The gradient of an objective over s with respect to x is Wᵀ times the one with respect to s.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { defineEngine, tf } from '@gauntlet/api';

export default defineEngine({
  name: 'logistic',
  version: 1,
  description: "Logistic regression from a JSON file with scikit-learn's coef_ and intercept_",
  devices: [{ name: 'cpu' }],
  params: {
    type: 'object',
    additionalProperties: false,
    properties: { sharpness: { type: 'number', exclusiveMinimum: 0, default: 1, description: 'Of scores' } },
  },
  start: ({ params: { sharpness } }) => ({
    load({ path }) {
      const text = readFileSync(path, 'utf8');
      const { coef, intercept } = JSON.parse(text);
      const [weights, bias] = tf.tidy(() => [coef, intercept].map((of) => tf.mul(tf.tensor(of), sharpness)));
      const scores = (x) => tf.add(tf.matMul(x, weights, false, true), bias);
      return {
        inputShape: [coef[0].length],
        bytesPerSample: 8 * coef[0].length,
        hash: createHash('sha256').update(text).digest('hex'),
        predict: async (x) => tf.tidy(() => scores(x)),
        differentiate: async (x, objective) =>
          tf.tidy(() => {
            const output = scores(x);
            const { value, grad } = tf.valueAndGrad((s) => objective({ output: s }))(output);
            return { value, gradient: tf.matMul(grad, weights), output };
          }),
        dispose: () => tf.dispose([weights, bias]),
      };
    },
  }),
});
