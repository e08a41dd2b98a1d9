/** Every metric a spec may expect something of, and what it is. */
export const metricNames = {
  cleanAccuracy: 'share of the samples classified correctly before the attack',
  robustAccuracy: 'share of the samples classified correctly before and under the attack',
  asr: 'attack success rate: broken samples among those attacked (classified correctly before)',
  asrRounded: 'the same after rounding the perturbed input to 8 bits',
  cleanReconstructionError: 'mean squared error per value of the reconstruction, before the attack',
  reconstructionError:
    'mean squared error per value between the clean input and the reconstruction under attack, over attacked samples',
  reconstructionDegradation:
    'reconstructionError relative to cleanReconstructionError: 0.1 is ten percent worse, below 0 is better',
  mi: 'mutual information of input and perturbed input in nats (Gaussian estimate), over broken samples',
  'mi.relative': 'mi divided by the mutual information of the input with itself',
  'mi.own': "the attack's own estimate of the mutual information, over broken samples",
  linf: 'largest absolute change of any value, over broken samples',
  l2: 'Euclidean length of the perturbation, over broken samples',
  l1: 'sum of the absolute changes, over broken samples',
  l0: 'number of values changed, over broken samples',
  confidence: 'softmax probability of the predicted class under attack, over broken samples',
  forwards: 'forward passes spent on an attacked sample',
  gradients: 'gradient evaluations spent on an attacked sample',
  seconds: 'wall-clock seconds spent on an attacked sample',
} as const;

export type MetricName = keyof typeof metricNames;
