import { targetParam } from '@gauntlet/api';

/** Attacks that weigh their goal against mutual information. */
export const similarityParams = {
  similarity: {
    enum: ['gaussian', 'fast', 'positions', 'paper'],
    default: 'fast',
    description:
      "Estimator of mutual information: MINE with the paper's network, the same collapsed (fast), MINE on positions, or the Gaussian estimate",
  },
  sampling: {
    enum: ['auto', 'conv', 'random-sampling'],
    default: 'auto',
    description: "Where MINE's samples come from: feature maps, or random projections of the image",
  },
  marginals: {
    enum: ['shuffle', 'all-pairs'],
    default: 'shuffle',
    description: 'Pairs from the product of the marginals: one permutation (paper), or all pairs',
  },
  learningRate: {
    anyOf: [{ type: 'number', exclusiveMinimum: 0 }, { type: 'null' }],
    default: null,
    description: "Adam's rate for MINE; null: 1.5e-5, or 5e-3 on positions",
  },
} as const;

export const loopParams = {
  epsilon: {
    type: 'number',
    minimum: 0,
    default: 1,
    description: 'Largest absolute change of any value (L∞)',
  },
  alpha: { type: 'number', exclusiveMinimum: 0, default: 0.01, description: 'α: step size on δ' },
  initialRadius: {
    anyOf: [{ type: 'number', minimum: 0 }, { type: 'null' }],
    default: null,
    description: 'δ starts uniform in ± this; null: ±√(6/(h·w + h·c)), ±0.086 for 28×28×1',
  },
  keepImproving: {
    type: 'boolean',
    default: true,
    description: 'Go on after a success, for a better one; false: a sample leaves at its first success',
  },
} as const;

/** How MinMax moves c. */
export const weightParams = {
  beta: { type: 'number', exclusiveMinimum: 0, maximum: 1, default: 0.1, description: 'β: step size on c' },
  initialC: { type: 'number', minimum: 0, default: 1e-3, description: 'c₁' },
} as const;

export const classParams = {
  kappa: {
    type: 'number',
    minimum: 0,
    default: 0,
    description: 'κ: how far below 0 the criterion must be; in logits for the standard goal',
  },
  ...targetParam,
} as const;
