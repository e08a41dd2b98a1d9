// Plan of the first part: adversarial examples that keep the most mutual information, over samples of the test set.
import path from 'node:path';
import { attackStep, onlySeed } from './steps/attack.mjs';
import { modelOf, trainStep } from './steps/train.mjs';

/** Radii at which PGD is tried: the smallest that reaches MinMax's success rate is the one to compare with. */
const radii = { mnist: [0.1, 0.15, 0.2, 0.25, 0.3], cifar10: [0.01, 0.02, 0.03, 0.05, 0.1] };

/** Training of Θ with which MinMax ends near the paper's 51.29 and 17.14: steps an iteration, and learning rate. */
const raised = { mnist: [5, 3.4e-4], cifar10: [5, 2.7e-5] };
const reference = 1.5e-5;

const minmax = (mineSteps, learningRate, iterations) => ({
  use: 'minmax',
  params: { similarity: 'fast', learningRate, iterations, mineSteps },
});
const penalty = (mineSteps, learningRate, iterations) => ({
  use: 'penalty',
  params: { similarity: 'fast', learningRate, searches: 9, iterations, mineSteps },
});
const pgd = (epsilon) => ({
  use: 'pgd',
  params: { norm: 'linf', epsilon, steps: 40, stepSize: epsilon / 10, randomStart: false },
});

/**
 * Attacks by name. `slice` is how many samples one step takes, `turn` after how many samples of the others a slice is done:
 * by default, after as many as it has before it itself.
 */
export function attacksFor(dataset, quick) {
  const more = raised[dataset] ?? raised.cifar10;
  // Nine searches share the iterations of MinMax, so that both train Θ for as many steps.
  const [all, each, slice] = quick ? [9, 1, 10] : [1000, 111, 50];
  const attacks = [
    { name: 'minmax', attack: minmax(1, reference, all) },
    { name: 'penalty-equal-steps', attack: penalty(1, reference, each) },
    { name: 'minmax-raised', attack: minmax(...more, all) },
    { name: 'penalty-raised', attack: penalty(...more, each) },
    ...(quick ? [0.3] : (radii[dataset] ?? radii.cifar10)).map((epsilon) => ({
      name: `pgd-${epsilon}`,
      attack: pgd(epsilon),
    })),
  ].map((one) => ({ ...one, slice, turn: (skip) => skip }));
  if (quick) return attacks;
  // Trains Θ 180,000 times for each image, a hundred times as often: a tenth of the samples keeps pace with the others.
  const slow = { name: 'penalty-reference', attack: penalty(20, reference, 1000) };
  return [...attacks, { ...slow, slice: 10, turn: (skip) => 10 * skip + 50 }];
}

/** Models that are attacked. */
export const victimNames = {
  mnist: ['mnist-classifier'],
  cifar10: ['cifar10-cnn-tfjs', 'cifar10-classifier'],
};

/** They come with the shared data, or are trained by a step. */
function victimsFor(dataset, { data, quick, sets, count, epochs }) {
  const file = (name) => path.resolve(data, 'models', name);
  const given = (model) => ({ model: () => model, about: path.basename(path.dirname(model)) });
  if (quick) return [{ name: 'digits-cnn', ...given('@gauntlet/zoo/models/digits-cnn/model.json') }];
  if (dataset === 'mnist')
    return [{ name: 'mnist-classifier', ...given(file('mnist-classifier/model.json')) }];
  const architecture = 'cifar10-classifier';
  const trained = trainStep({ dataset, sets, count, architecture, seed: onlySeed, epochs });
  return [
    { name: 'cifar10-cnn-tfjs', ...given(file('cifar10-cnn-tfjs/cifar10_cnn.json')) },
    {
      name: architecture,
      about: trained.id,
      model: (store) => modelOf(store, trained),
      trained,
    },
  ];
}

/**
 * Victim by victim: every attack on the first samples, then on the next ones. Steps are whole: the last may go beyond `images`.
 */
export function mutualInformationSteps(dataset, context) {
  const { sets, images, tested, quick } = context;
  if (dataset === 'svhn' && !quick) return [];
  const slices = (victim, { name, attack, slice, turn }) =>
    Array.from({ length: Math.ceil(images / slice) }, (_, i) => {
      const skip = i * slice;
      const take = Math.min(slice, tested - skip);
      const step = attackStep({
        id: `mi-${victim.name}-${name}-${String(skip).padStart(4, '0')}`,
        about: { dataset, victim: victim.name, model: victim.about, name, attack, skip, take },
        cost: { rate: `${name} on ${victim.name}`, amount: take },
        needs: victim.trained ? [victim.trained] : [],
        task: (store) => ({
          victim: { name: victim.name, model: victim.model(store), kind: 'classifier', bounds: [0, 1] },
          attack: { ...attack, name },
          dataset: { ...sets.test, skip, take },
          seed: onlySeed,
        }),
      });
      return { step, order: turn(skip) };
    });
  const attacks = attacksFor(dataset, quick);
  return victimsFor(dataset, context).flatMap((victim) => [
    ...(victim.trained ? [victim.trained] : []),
    ...attacks
      .flatMap((attack) => slices(victim, attack))
      .sort((a, b) => a.order - b.order)
      .map(({ step }) => step),
  ]);
}
