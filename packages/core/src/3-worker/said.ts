import { type LabelSets, type Outcome } from '@gauntlet/api';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import type { Batch, Seen } from './seen.js';

/** Fills in what the logits of a sample say: its class, or which labels are true of it. */
export function readLogits(
  logits: Float32Array,
  { labels, labelSets }: Pick<Batch, 'labels' | 'labelSets'>,
  into: Seen,
  row: number,
): void {
  if (labelSets) decide(logits, labelSets, into, row);
  else classify(logits, labels?.[row], into, row);
}

function classify(logits: Float32Array, label: number | undefined, into: Seen, row: number): void {
  let best = 0;
  for (let k = 1; k < logits.length; k++)
    if (logits[k] > logits[best] || (logits[k] === logits[best] && best === label)) best = k;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - logits[best]);
  into.prediction[row] = best;
  into.confidence[row] = 1 / sum;
  into.loss[row] = label === undefined ? NaN : Math.log(sum) + logits[best] - logits[label];
}

/** Labels are decided on independently: confidence and loss are of all decisions together. A tie is a wrong decision. */
function decide(logits: Float32Array, { width, values }: LabelSets, into: Seen, row: number): void {
  let [doubt, loss] = [0, 0];
  for (let j = 0; j < width; j++) {
    const z = logits[j];
    const label = values[row * width + j];
    into.decisions![row * width + j] = z > 0 || (z === 0 && label === 0) ? 1 : 0;
    doubt += Math.log1p(Math.exp(-Math.abs(z)));
    // log(1 + exp(−s z)), without overflow.
    const against = label ? -z : z;
    loss += Math.max(against, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  }
  into.confidence[row] = Math.exp(-doubt);
  into.loss[row] = loss;
}

/** What a classifier said of the clean input of a sample, and what is true of it. */
export function saidBefore(victim: LoadedVictim, batch: Batch, seen: Seen, row: number): Partial<Outcome> {
  if (victim.traits.kind !== 'classifier') return {};
  const confidence = { cleanConfidence: seen.confidence[row] };
  if (!batch.labelSets)
    return {
      label: batch.labels?.[row],
      target: batch.targets?.[row],
      cleanPrediction: seen.prediction[row],
      ...confidence,
    };
  const { labelSets: sets } = batch;
  return {
    labels: namesOf(sets.values, sets.width, row),
    cleanPredictions: namesOf(seen.decisions!, sets.width, row),
    cleanHamming: hammingOf(sets, seen.decisions!, row),
    ...confidence,
  };
}

/** What a classifier says of the perturbed input. */
export function saidNow(victim: LoadedVictim, batch: Batch, seen: Seen, row: number): Partial<Outcome> {
  if (victim.traits.kind !== 'classifier') return {};
  const confidence = { confidence: seen.confidence[row] };
  if (!batch.labelSets) return { prediction: seen.prediction[row], ...confidence };
  const { labelSets: sets } = batch;
  return {
    predictions: namesOf(seen.decisions!, sets.width, row),
    hamming: hammingOf(sets, seen.decisions!, row),
    ...confidence,
  };
}

const namesOf = (values: Uint8Array, width: number, row: number): number[] =>
  Array.from({ length: width }, (_, j) => j).filter((j) => values[row * width + j] === 1);

function hammingOf({ width, values }: LabelSets, decisions: Uint8Array, row: number): number {
  let wrong = 0;
  for (let i = row * width; i < (row + 1) * width; i++) if (values[i] !== decisions[i]) wrong++;
  return wrong / width;
}

/** What is true of a sample: its class, or the labels that are. */
export function truthOf({ labels, labelSets }: Batch, row: number): number | number[] | undefined {
  return labelSets ? namesOf(labelSets.values, labelSets.width, row) : labels?.[row];
}
