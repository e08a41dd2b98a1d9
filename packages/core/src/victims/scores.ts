import { type EngineModel, GauntletError, type OutputScale } from '@gauntlet/api';
import type { VictimTraits } from './loaded-victim.js';

interface Declared {
  model: string;
  output: 'auto' | 'logits' | 'probabilities';
  /** Each number is about a label of its own. */
  multiLabel?: true;
}

/** What a model gave for the images of a probe. */
interface Probe {
  shape: readonly number[];
  /** The outputs of each image. */
  rows: readonly Float32Array[];
  /** Where what the user should know is added. */
  notes: string[];
}

type Ends = Pick<EngineModel, 'softmaxRemoved' | 'sigmoid'>;

/**
 * What a classifier's outputs mean: one number per class, or a single one, the evidence for class 1 of two.
 * @throws GauntletError where they are no such thing, or something else than the spec says
 */
export function readScores(
  declared: Declared,
  model: Ends,
  probe: Probe,
): Pick<VictimTraits, 'classes' | 'outputScale' | 'binary' | 'multiLabel'> {
  checkAxes(declared, probe.shape);
  const classes = probe.shape.slice(1).reduce((a, b) => a * b, 1);
  if (classes === 0)
    throw new GauntletError('model-shape', `${declared.model} gives no numbers for an image.`);
  if (declared.multiLabel)
    return { classes, multiLabel: true, outputScale: labelScale(declared, model, probe, classes) };
  if (classes === 1) return { classes: 2, binary: true, outputScale: binaryScale(declared, model, probe) };
  return { classes, outputScale: scaleOf(declared, model, probe) };
}

/** One number per class: of several axes at most one may be longer than 1. */
function checkAxes({ model }: Declared, [, ...output]: readonly number[]): void {
  if (output.filter((size) => size > 1).length < 2) return;
  throw new GauntletError(
    'model-shape',
    `${model} gives [${output.join(', ')}] numbers per image, a class for each position, as a segmentation or detection does; a classifier gives one number per class. Export it with a head that does (an average over positions, say).`,
  );
}

/** Of a model with one output: above 0 for a logit, above 0.5 for a probability, it says class 1. */
function binaryScale(
  { model, output }: Declared,
  { softmaxRemoved, sigmoid }: Ends,
  { rows, notes }: Probe,
): OutputScale {
  const wrong = (message: string) => new GauntletError('model-output', `${model} ${message}`);
  if (softmaxRemoved)
    throw wrong(
      'ends in a softmax over one number, which is 1 whatever the image is. Train it with a sigmoid, or with one output for each class.',
    );
  const note = (what: string) =>
    notes.push(
      `The model gives one number per image, a binary classifier: ${what} is class 1, else class 0.`,
    );
  if (sigmoid === 'removed') {
    note('a sigmoid above 0.5');
    notes.push('The model ends in a sigmoid; logits are taken from before it.');
    return 'logits';
  }
  const within = rows.every(([value]) => value >= 0 && value <= 1);
  if (output === 'logits' && sigmoid === 'last')
    throw wrong('is declared to give a logit, but it ends in a sigmoid. Write output: auto.');
  if (output === 'probabilities' && !within)
    throw wrong('is declared to give a probability, but its output leaves [0, 1]. Write output: logits.');
  if (output === 'auto' && !sigmoid && within)
    throw wrong(
      'gives one number per image, within [0, 1] for images of a probe: a probability or a logit. Write output: probabilities (class 1 above 0.5) or output: logits (class 1 above 0).',
    );
  if (output === 'probabilities' || sigmoid === 'last') {
    note('a probability above 0.5');
    notes.push(
      'Logarithms of p and 1 − p stand in for logits: a probability that rounds to 0 or 1 has no gradient.',
    );
    return 'log-probabilities';
  }
  note('a logit above 0');
  return 'logits';
}

function scaleOf(
  { model, output }: Declared,
  { softmaxRemoved, sigmoid }: Ends,
  { rows, notes }: Probe,
): OutputScale {
  const wrong = (message: string) => new GauntletError('model-output', `${model} ${message}`);
  if (softmaxRemoved) {
    notes.push('The model ends in a softmax; logits are taken from before it.');
    return 'logits';
  }
  if (sigmoid === 'removed') {
    notes.push(
      'The model ends in a sigmoid for each class: scores are taken from before it, and the largest is the one label of an image.',
    );
    return 'logits';
  }
  if (sigmoid === 'last')
    throw wrong(
      'ends in a sigmoid for each class: several of them may be true of an image (multi-label). Write multiLabel: true if they may. If the largest is the one label, write output: probabilities.',
    );
  const probabilities = rows.every((row) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return row.every((value) => value >= 0) && Math.abs(sum - 1) < 1e-3;
  });
  if (output === 'logits' && probabilities)
    throw wrong(
      'is declared to give logits, but its outputs are probabilities (each row sums to 1). Write output: auto.',
    );
  if (output === 'probabilities' && !probabilities)
    throw wrong('is declared to give probabilities, but its outputs do not sum to 1. Write output: logits.');
  if (!probabilities) return 'logits';
  notes.push(
    'The model gives probabilities that its graph does not allow to look behind; their logarithms stand in for logits.',
  );
  return 'log-probabilities';
}

/** Of a multi-label classifier: above 0 for a logit, above 0.5 for a probability, a label is said to be true. */
function labelScale(
  { model, output }: Declared,
  { softmaxRemoved, sigmoid }: Ends,
  { rows, notes }: Probe,
  labels: number,
): OutputScale {
  const wrong = (message: string) => new GauntletError('model-output', `${model} ${message}`);
  if (labels === 1)
    throw wrong(
      'gives one number per image, and "multiLabel" is for several. Leave it out: that is a binary classifier.',
    );
  if (softmaxRemoved)
    throw wrong(
      'ends in a softmax, which says one class of all, and the spec says multiLabel: true. Leave it out, or export the model with a sigmoid for each label.',
    );
  const note = (what: string) =>
    notes.push(`The model is multi-label: ${what} says that a label is true, for each of ${labels}.`);
  if (sigmoid === 'removed') {
    note('a sigmoid above 0.5');
    notes.push('The model ends in a sigmoid for each label; logits are taken from before it.');
    return 'logits';
  }
  const within = rows.every((row) => row.every((value) => value >= 0 && value <= 1));
  if (output === 'logits' && sigmoid === 'last')
    throw wrong('is declared to give logits, but it ends in sigmoids. Write output: auto.');
  if (output === 'probabilities' && !within)
    throw wrong('is declared to give probabilities, but its outputs leave [0, 1]. Write output: logits.');
  if (output === 'auto' && !sigmoid && within)
    throw wrong(
      'gives numbers within [0, 1] for images of a probe: probabilities or logits. Write output: probabilities (a label is true above 0.5) or output: logits (above 0).',
    );
  if (output === 'probabilities' || sigmoid === 'last') {
    note('a probability above 0.5');
    notes.push(
      'log p − log(1 − p) stands in for logits: a probability that rounds to 0 or 1 has no gradient.',
    );
    return 'log-probabilities';
  }
  note('a logit above 0');
  return 'logits';
}
