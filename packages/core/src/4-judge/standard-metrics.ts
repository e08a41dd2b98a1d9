import {
  defineMetric,
  type Evidence,
  type MetricName,
  type Outcome,
  staysRight,
  wasRight,
} from '@gauntlet/api';
import { corruptionMetrics } from './corruption-metrics.js';

type Measure = (outcomes: readonly Outcome[]) => Evidence;

const metric = (name: MetricName, description: string, measure: Measure) =>
  defineMetric({
    name,
    version: 1,
    description,
    params: { type: 'object', additionalProperties: false, properties: {} },
    measure,
  });

const attacked = (all: readonly Outcome[]) =>
  all.filter(({ status }) => status === 'broken' || status === 'held');

const share = (some: readonly Outcome[], yes: (one: Outcome) => boolean): Evidence => ({
  rate: [some.filter(yes).length, some.length],
});

const numbers = (some: readonly Outcome[], pick: (one: Outcome) => number | undefined): Evidence => ({
  values: some.map(pick).filter((value) => value !== undefined),
});

const overAttacked =
  (pick: (one: Outcome) => number | undefined): Measure =>
  (all) =>
    numbers(attacked(all), pick);

const overBroken =
  (pick: (one: Outcome) => number | undefined): Measure =>
  (all) =>
    numbers(
      all.filter(({ status }) => status === 'broken'),
      pick,
    );

/** Of which it is known whether the victim was right before the attack. */
const known = (all: readonly Outcome[]) => all.filter((one) => wasRight(one) !== undefined);

type Pair = readonly [before: number, now: number];

function relativeChange(pairs: readonly Pair[]): number {
  let [before, now] = [0, 0];
  for (const pair of pairs) {
    before += pair[0];
    now += pair[1];
  }
  return now / before - 1;
}

/** The metrics that come with Gauntlet, in the order in which reports show them. */
export default [
  metric(
    'cleanAccuracy',
    'share of the samples classified correctly before the attack (of a multi-label victim: all labels right)',
    (all) => {
      return share(known(all), (one) => wasRight(one) === true);
    },
  ),
  metric('robustAccuracy', 'share of the samples classified correctly before and under the attack', (all) => {
    const judged = known(all).filter(({ status }) => status !== 'unassessed');
    return share(judged, (one) => staysRight(one) === true);
  }),
  metric(
    'asr',
    'attack success rate: broken samples among those attacked (classified correctly before)',
    (all) => share(attacked(all), (one) => one.status === 'broken'),
  ),
  metric('asrRounded', 'the same after rounding the perturbed input to 8 bits', (all) =>
    share(attacked(all), (one) => one.brokenRounded === true),
  ),
  metric(
    'cleanReconstructionError',
    'mean squared error per value of the reconstruction, before the attack',
    overAttacked((one) => one.cleanReconstructionError),
  ),
  metric(
    'reconstructionError',
    'mean squared error per value between the clean input and the reconstruction under attack, over attacked samples',
    overAttacked((one) => one.reconstructionError),
  ),
  metric(
    'reconstructionDegradation',
    'reconstructionError relative to cleanReconstructionError: 0.1 is ten percent worse, below 0 is better',
    (all) => ({
      samples: attacked(all).flatMap(
        ({ cleanReconstructionError: before, reconstructionError: now }): Pair[] =>
          before === undefined || now === undefined ? [] : [[before, now]],
      ),
      statistic: relativeChange,
    }),
  ),
  metric(
    'embeddingDistance',
    "cosine distance (0 to 2) of an encoder's embedding under attack to that of the clean input, over attacked samples",
    overAttacked((one) => one.embeddingDistance),
  ),
  metric(
    'mi',
    "similarity of input and perturbed input: their mutual information by the spec's estimator, in its nats, over broken samples",
    overBroken((one) => one.mi),
  ),
  metric(
    'mi.relative',
    'mi divided by the mutual information of the input with itself',
    overBroken((one) => (one.mi === undefined || !one.miSelf ? undefined : one.mi / one.miSelf)),
  ),
  metric(
    'mi.own',
    "the attack's own estimate of the mutual information, over broken samples",
    overBroken((one) => one.miOwn),
  ),
  metric(
    'ssim',
    'structural similarity of input and perturbed input (SSIM, 1 is the same image), which no attack here optimises, over broken samples',
    overBroken((one) => one.ssim),
  ),
  metric(
    'linf',
    'largest absolute change of any value, over broken samples',
    overBroken((one) => one.linf),
  ),
  metric(
    'l2',
    'Euclidean length of the perturbation, over broken samples',
    overBroken((one) => one.l2),
  ),
  metric(
    'l1',
    'sum of the absolute changes, over broken samples',
    overBroken((one) => one.l1),
  ),
  metric(
    'l0',
    'number of values changed, over broken samples',
    overBroken((one) => one.l0),
  ),
  metric(
    'snr',
    'signal to noise of the perturbed input in dB, of inputs that are rows (sound), over broken samples',
    overBroken((one) => one.snr),
  ),
  metric(
    'minimalNorm',
    'median length of the shortest perturbations, in the norm of an attack that looks for them, over broken samples',
    (all) => ({
      values: all.flatMap(({ minimalNorm }) => minimalNorm ?? []),
      centre: 'median',
    }),
  ),
  metric(
    'confidence',
    'softmax probability of the predicted class under attack, over broken samples',
    overBroken((one) => one.confidence),
  ),
  metric(
    'cleanHammingLoss',
    'share of the labels that a multi-label victim is wrong about before the attack, over all samples',
    (all) => numbers(all, (one) => one.cleanHamming),
  ),
  metric(
    'hammingLoss',
    'the same under the attack; samples that were wrong before it are not attacked and count as they were',
    (all) =>
      numbers(
        all.filter(({ status }) => status !== 'unassessed'),
        (one) => one.hamming ?? one.cleanHamming,
      ),
  ),
  ...corruptionMetrics,
  metric(
    'forwards',
    'forward passes spent on an attacked sample',
    overAttacked((one) => one.forwards),
  ),
  metric(
    'gradients',
    'gradient evaluations spent on an attacked sample',
    overAttacked((one) => one.gradients),
  ),
  metric(
    'seconds',
    'wall-clock seconds spent on an attacked sample',
    overAttacked((one) => one.seconds),
  ),
];
