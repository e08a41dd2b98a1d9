// correlation.mjs — estimator: ./correlation.mjs
//   I = −½ ln(1 − ρ²), ρ the correlation of all feature values of an image with those of its perturbed self: what two
//   jointly normal variables with that correlation share, in nats. A ridge keeps it finite where they are the same.
import { defineEstimator } from '@gauntlet/api';

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

function correlation(u, v) {
  const [mu, mv] = [mean(u), mean(v)];
  let [uu, vv, uv] = [0, 0, 0];
  for (let i = 0; i < u.length; i++) {
    uu += (u[i] - mu) ** 2;
    vv += (v[i] - mv) ** 2;
    uv += (u[i] - mu) * (v[i] - mv);
  }
  return uu > 0 && vv > 0 ? uv / Math.sqrt(uu * vv) : 0;
}

export default defineEstimator({
  name: 'correlation',
  version: 1,
  description: 'Mutual information of two normal variables with the correlation of the features',
  params: {
    type: 'object',
    additionalProperties: false,
    properties: { ridge: { type: 'number', exclusiveMinimum: 0, maximum: 1, default: 0.01 } },
  },
  open: ({ ridge }) => ({
    name: `correlation of features, ridge ${ridge}, in nats`,
    estimate: (clean, perturbed) =>
      Float64Array.from({ length: clean.n }, (_, i) => {
        const size = clean.positions * clean.channels;
        const of = ({ data }) => data.subarray(i * size, (i + 1) * size);
        return -0.5 * Math.log(1 - (1 - ridge) * correlation(of(clean), of(perturbed)) ** 2);
      }),
  }),
});
