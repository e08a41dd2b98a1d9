import { type Check, count } from './check.js';

/**
 * Logits that are probabilities: a softmax over a softmax hardly changes, and its gradient vanishes where the inner one is
 * sure. Source: AutoAttack's check that the model returns logits; Carlini & Wagner 2017 on defensive distillation.
 */
export const doubleSoftmax: Check = {
  code: 'double-softmax',
  weight: 'weak',
  find({ cell, victim: { examination } }) {
    const { probabilities = 0, samples = 0 } = examination ?? {};
    if (!cell.usesGradients || probabilities <= samples / 2) return undefined;
    return {
      message: `What the victim gives as logits are probabilities already on ${probabilities} of ${count(samples, 'sample')} (a softmax twice, it seems): gradients vanish where the model is sure. Export the model without its last softmax.`,
    };
  },
};
