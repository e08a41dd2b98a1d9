import { type LabelSets, type Outcome } from '@gauntlet/api';
import { type Batch, keepOutput, rowOf, type Seen } from './seen.js';

type Truth = Pick<Batch, 'labels' | 'labelSets' | 'targets'>;

/** Fills in what the logits of a sample say: its class, or which labels are true of it. */
export function readLogits(
  logits: Float32Array,
  { labels, labelSets }: Truth,
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
  const decisions = new Float32Array(width);
  for (let j = 0; j < width; j++) {
    const z = logits[j];
    const label = values[row * width + j];
    decisions[j] = z > 0 || (z === 0 && label === 0) ? 1 : 0;
    doubt += Math.log1p(Math.exp(-Math.abs(z)));
    // log(1 + exp(−s z)), without overflow.
    const against = label ? -z : z;
    loss += Math.max(against, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  }
  keepOutput(into, row, decisions);
  into.confidence[row] = Math.exp(-doubt);
  into.loss[row] = loss;
}

/** What a classifier said of the clean input of a sample, and what is true of it. */
export function saidBefore({ labels, labelSets, targets }: Truth, seen: Seen, row: number): Partial<Outcome> {
  const said = { cleanConfidence: seen.confidence[row], cleanLoss: seen.loss[row] };
  if (!labelSets)
    return { label: labels?.[row], target: targets?.[row], cleanPrediction: seen.prediction[row], ...said };
  const decisions = rowOf(seen, row);
  const truth = setOf(labelSets, row);
  return {
    labels: namesOf(truth),
    cleanPredictions: namesOf(decisions),
    cleanHamming: hammingOf(truth, decisions),
    ...said,
  };
}

/** What a classifier says of the perturbed input. */
export function saidNow({ labelSets }: Truth, seen: Seen, row: number): Partial<Outcome> {
  const said = { confidence: seen.confidence[row], loss: seen.loss[row] };
  if (!labelSets) return { prediction: seen.prediction[row], ...said };
  const decisions = rowOf(seen, row);
  return {
    predictions: namesOf(decisions),
    hamming: hammingOf(setOf(labelSets, row), decisions),
    ...said,
  };
}

/** Of a victim with several labels: the share of them that it is wrong about. */
export const hammingNow = ({ labelSets }: Truth, seen: Seen, row: number): number =>
  hammingOf(setOf(labelSets!, row), rowOf(seen, row));

const setOf = ({ width, values }: LabelSets, row: number) => values.subarray(row * width, (row + 1) * width);

const namesOf = (decisions: Uint8Array | Float32Array): number[] =>
  [...decisions.keys()].filter((j) => decisions[j] === 1);

const hammingOf = (truth: Uint8Array, decisions: Float32Array): number =>
  truth.filter((value, j) => value !== decisions[j]).length / truth.length;

/** What is true of a sample: its class, or the labels that are. */
export function truthOf({ labels, labelSets }: Truth, row: number): number | number[] | undefined {
  return labelSets ? namesOf(setOf(labelSets, row)) : labels?.[row];
}
