import { collapsedBelow } from '@gauntlet/core';
import { autoencoders, additions, epochsFor } from '../reconstruction.mjs';
import { publishedImages, publishedReconstruction } from '../published.mjs';
import { describe } from '../statistics.mjs';
import { judgeMean, judgeOrder, judgeShare, verdicts } from '../verdict.mjs';
import {
  between,
  change,
  number,
  roughly,
  severalTrainings,
  shareOf,
  shareOrWords,
  table,
  tooWide,
} from './format.mjs';
import { amountsOf, modelsOf, overModels, retrainedWith } from './over-seeds.mjs';

/** Mean over seeds with its deviation, or the one number that there is; and of how many models, where it is not of all. */
function overSeeds({ n, mean, std }, models, show = number) {
  if (n === 0) return 'not run';
  if (std === undefined) return `${show(mean)} (1 seed)`;
  const some = n < models.length ? ` (${n} of ${models.length} seeds)` : '';
  return `${show(mean)} ± ${show(std).replace('+', '')}${some}`;
}

const words = { better: 1, worse: -1 };

/** An improvement of ours beside the paper's number or word. */
function judgeImprovement(published, { interval }) {
  if (published in words) return judgeOrder(words[published], interval);
  return judgeShare(typeof published === 'number' ? published : undefined, interval, 0.0005);
}

/** What is said of models that were trained for fewer passes than the recipe has, or on fewer images than the paper's. */
function shorterTraining({ dataset, quick }, autoencoder, [model]) {
  if (!model) return undefined;
  const { first } = epochsFor(dataset, autoencoder, { quick });
  const all = publishedImages[dataset];
  return [
    ...(model.epochs < first ? [`trained for ${model.epochs} of ${first} passes`] : []),
    ...(model.images < all ? [`trained on ${model.images} images, the paper on ${all}`] : []),
  ].join('; ');
}

function originalRow(result, autoencoder, published) {
  const models = modelsOf(result, autoencoder);
  const errors = describe(models.map(({ testError }) => testError));
  const variances = describe(models.flatMap(({ variance }) => variance ?? []));
  const shortfall = shorterTraining(result, autoencoder, models);
  const verdict = shortfall ? 'cannot be said' : judgeError(published, errors);
  const trained =
    models[0] && `${models[0].images} images, ${models[0].epochs} pass${models[0].epochs === 1 ? '' : 'es'}`;
  return [
    autoencoder,
    trained ?? '–',
    overSeeds(errors, models),
    variances.n === 0 ? '–' : overSeeds(variances, models, roughly),
    published?.original ?? '–',
    verdict,
    [reasonOfOriginal(errors, published), shortfall, collapse(models)].filter(Boolean).join('; '),
  ];
}

/** A mean error beside the paper’s, which is published to five decimals. */
const judgeError = (published, errors) => judgeMean(published?.original, errors, 5e-6);

function reasonOfOriginal(errors, published) {
  const { n, mean, interval } = errors;
  if (n === 0) return 'not run';
  if (published === undefined) return 'the paper has no such row';
  const ratio = mean / published.original;
  const beside = `ours is ${number(ratio)} times the paper’s`;
  if (!interval) return `${beside}; an interval needs two seeds`;
  const wide = judgeError(published, errors) === verdicts.unknown;
  return wide ? `${beside}; its interval, ${between(interval)}, is wider than half of it` : beside;
}

const collapsed = ({ variance }) => variance < collapsedBelow;

/** What is said where a model gives nearly the same for every image. */
const collapse = (models) =>
  models.some(collapsed)
    ? 'collapsed: its outputs hardly depend on the image, so that it is chance which attacks succeed'
    : undefined;

/** What is said where models came to give nearly the same for every image while they were trained on. */
function collapseOnward({ perSeed }) {
  const count = perSeed.filter(collapsed).length;
  return count > 0 ? [`collapsed in ${count} of ${perSeed.length} trainings with them`] : [];
}

/** A success rate beside the paper's, which is a number or words. */
const judgeRate = (published, asr) =>
  judgeShare(typeof published?.asr === 'number' ? published.asr : undefined, asr?.interval, 0.00005);

const judgeRow = (published, asr, retrained, complete, shortfall) => {
  if (shortfall) return 'ASR cannot be said; error cannot be said';
  const rate = judgeRate(published, asr);
  const says = complete && !retrained.perSeed.some(collapsed);
  const gain = says ? judgeImprovement(published?.improvement, retrained.improvement) : 'cannot be said';
  return `ASR ${rate}; error ${gain}`;
};

/** How far a success rate is from the paper's, where it does not agree. */
function farOff(published, asr) {
  if (judgeRate(published, asr) !== 'does not agree') return [];
  const points = 100 * (asr.share - published.asr);
  const oneEach = asr.models > 1 ? '' : ', one training beside one training';
  return [
    `ASR ${Math.abs(points).toFixed(1)} points ${points < 0 ? 'below' : 'above'} the paper’s${oneEach}`,
  ];
}

function reasonOf(retrained, { amount, count }, asr, published) {
  if (!asr) return 'not run';
  const { perSeed, improvement } = retrained;
  const far = [
    ...farOff(published, asr),
    ...tooWide('ASR', published?.asr, asr.interval, judgeRate(published, asr)),
  ];
  if (perSeed.length === 0) return [...far, 'attacked, not retrained with yet'].join('; ');
  return [
    ...far,
    ...(amount < count
      ? [`${amount} perturbed images beside ${count} clean ones, the paper adds one to each`]
      : []),
    ...collapseOnward(retrained),
    ...(perSeed.length < 2 ? ['an interval over seeds needs two'] : []),
    ...(amount < count
      ? []
      : tooWide(
          'gain',
          published?.improvement,
          improvement.interval,
          judgeImprovement(published?.improvement, improvement),
        )),
  ].join('; ');
}

function additionRows(result, autoencoder, published) {
  const models = modelsOf(result, autoencoder);
  const shortfall = shorterTraining(result, autoencoder, models);
  return additions.flatMap(({ name }) => {
    const cells = result.attacks.filter(
      (one) => one.name === name && models.some(({ id }) => id === one.model),
    );
    const asr = overModels(cells.map((cell) => cell.asr));
    const count = models[0]?.images;
    const paper = published?.[name];
    const gain = paper?.improvement;
    const rowOf = (amount) => {
      const retrained = retrainedWith(result, models, name, amount);
      return [
        autoencoder,
        name,
        amount ?? '–',
        asr?.n ?? 0,
        asr ? shareOf(asr) : 'not run',
        shareOrWords(paper?.asr),
        overSeeds(retrained.error, models),
        overSeeds(retrained.improvement, models, change),
        overSeeds(retrained.overAlone, models, change),
        overSeeds(retrained.overControl, models, change),
        paper ? `${paper.error ?? '–'} (${typeof gain === 'number' ? change(gain) : (gain ?? '–')})` : '–',
        paper ? judgeRow(paper, asr, retrained, amount === count, shortfall) : '–',
        paper || !asr
          ? [
              shortfall,
              collapse(models),
              reasonOf(retrained, { amount, count }, asr, paper),
              ...severalTrainings(Math.max(1, ...cells.map(({ trainings = 1 }) => trainings))),
            ]
              .filter(Boolean)
              .join('; ')
          : 'the paper has no such row',
      ];
    };
    return amountsOf(result, models, name).map(rowOf);
  });
}

const head = [
  'autoencoder',
  'added',
  'images added',
  'n attacked',
  'ASR on the training set, % [95 %]',
  'paper: ASR',
  'test error after',
  'against the original',
  'against nothing added, equal epochs',
  'against nothing added, equal steps',
  'paper: error',
  'verdict',
  'reason',
];

export function reconstructionPart(result) {
  const published = publishedReconstruction[result.dataset];
  return [
    ...table(
      ['autoencoder', 'trained on', 'test error', 'variance kept', 'paper', 'verdict', 'reason'],
      [0, 0, 1, 1, 1, 0, 0],
      autoencoders.map((name) => originalRow(result, name, published?.[name])),
    ),
    '',
    ...table(
      head,
      [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0],
      autoencoders.flatMap((name) => additionRows(result, name, published?.[name])),
    ),
  ];
}
