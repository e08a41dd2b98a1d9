import { amount, count, counts, names, number, object, orNull, text } from './schema-parts.js';

const length = orNull(amount);
const measure = orNull(number);

/** What the referee measured; NaN and infinite values are null in the file. */
const numbers: Record<string, object> = {
  cleanHamming: length,
  hamming: length,
  cleanConfidence: length,
  confidence: length,
  cleanLoss: measure,
  loss: measure,
  cleanReconstructionError: length,
  reconstructionError: length,
  embeddingDistance: length,
  criterion: measure,
  linf: length,
  l2: length,
  l1: length,
  l0: length,
  snr: measure,
  minimalNorm: length,
  mi: measure,
  miSelf: measure,
  miOwn: measure,
  ssim: measure,
  seconds: length,
};

/** Fields of an outcome that may be null in the file. */
export const mayBeNull = Object.keys(numbers);

export const outcomeSchema = object(
  { index: count, status: { enum: ['broken', 'held', 'skipped', 'unassessed'] } },
  {
    reason: text,
    defect: object({
      kind: {
        enum: [
          'not-finite',
          'outside-box',
          'outside-epsilon',
          'outside-family',
          'outside-features',
          'wrong-shape',
        ],
      },
      amount: measure,
    }),
    label: count,
    target: count,
    cleanPrediction: count,
    prediction: count,
    labels: { ...counts, description: 'Of a multi-label victim: the labels that are true' },
    cleanPredictions: { ...counts, description: 'Those that it says are true of the clean input' },
    predictions: { ...counts, description: 'And of the perturbed one' },
    brokenShare: {
      ...amount,
      maximum: 1,
      description: 'Of a victim with randomness: the share of the draws that met the goal',
    },
    brokenRounded: { type: 'boolean' },
    ...numbers,
    forwards: amount,
    gradients: amount,
    forwardsToSuccess: { ...amount, description: 'Forward passes until the goal was first seen met' },
    gradientsToSuccess: { ...amount, description: 'Gradient evaluations until the goal was first seen met' },
    example: {
      enum: ['broken', 'withstood'],
      description:
        'An input that broke it in an earlier run was tried before the attack. broken: it breaks it still; withstood: it does not, and the status is what the attack came to',
    },
    stage: { ...text, description: 'Of an attack in several stages, the one that broke the sample' },
    corrupted: {
      type: 'object',
      description: 'Predictions under a family of corruptions, by kind and level; -1: not finite',
      propertyNames: names,
      additionalProperties: {
        type: 'object',
        propertyNames: names,
        additionalProperties: { type: 'integer', minimum: -1 },
      },
    },
    corruptedHamming: {
      type: 'object',
      description: 'The same of a multi-label victim: its Hamming loss, by kind and level',
      propertyNames: names,
      additionalProperties: {
        type: 'object',
        propertyNames: names,
        additionalProperties: { ...amount, maximum: 1 },
      },
    },
    zeroGradients: amount,
    flat: { type: 'boolean' },
    seenBroken: { type: 'boolean', description: 'The attack had met the goal, and returned another input' },
    progress: {
      ...object({ looks: count, start: measure, late: measure, lateLooks: count, end: measure }),
      description: 'The smallest criterion so far: at the first look at the victim, late, and at the last',
    },
    unbounded: {
      enum: ['broken', 'held'],
      description: 'The same attack with an epsilon of the whole range',
    },
  },
);
