// Plan of the second part: does training on what attacks make of the training images help an autoencoder?
import { findRecipe } from '@gauntlet/zoo';
import { attackStep } from './steps/attack.mjs';
import { retrainStep } from './steps/retrain.mjs';
import { modelOf, trainStep } from './steps/train.mjs';
import { varianceStep } from './steps/variance.mjs';

export const autoencoders = ['dense', 'sparse', 'adversarial', 'conv'];
export const protocols = ['equal-epochs', 'equal-steps'];

/**
 * As the paper has them; MINE's network is the collapsed one, which gives the same estimates for a thousandth of the time. A
 * `slice` is how many images one step takes. The slow one is made on as many images as are asked for, the others on all.
 */
export const additions = [
  {
    name: 'mine-uae',
    use: 'mine-uae',
    params: { similarity: 'fast', rule: 'paper' },
    slice: 100,
    slow: true,
  },
  { name: 'l2-uae', use: 'l2-uae', params: {}, slice: 1000 },
  { name: 'gaussian-0.01', use: 'gaussian', params: { sigma: 0.01 }, slice: 10_000 },
  { name: 'gaussian-0.001', use: 'gaussian', params: { sigma: 0.001 }, slice: 10_000 },
];

/** Small sets are passed over more often than the paper's 60,000 and 73,257 images are. */
const moreEpochs = { mnist: 1, cifar10: 2, svhn: 10 };

/** Passes over the training images at first, and in retraining; by default as many as bring a model to the paper's training. */
export function epochsFor(dataset, autoencoder, { quick, passes = {} } = {}) {
  if (quick) return { first: 1, again: 1 };
  const first = passes[autoencoder] ?? findRecipe(`${autoencoder}-autoencoder`).epochs * moreEpochs[dataset];
  return { first, again: Math.ceil(first / 4) };
}

/** Attacks on the training images, shuffled. Steps are whole: the last one may go beyond the images that are asked for. */
function attackSteps({ dataset, sets, count, attacked, quick }, trained, seed) {
  return additions.map(({ name, use, params, slice: whole, slow }) => {
    const attack = { use, params: quick && use !== 'gaussian' ? { ...params, iterations: 3 } : params };
    const slice = quick ? attacked : whole;
    const wanted = slow || quick ? attacked : count;
    return Array.from({ length: Math.ceil(wanted / slice) }, (_, i) => {
      const skip = i * slice;
      const take = Math.min(slice, count - skip);
      return attackStep({
        id: `attack-${trained.id.slice('train-'.length)}-${name}-${String(skip).padStart(5, '0')}`,
        about: { dataset, model: trained.id, name, attack, seed, skip, take },
        cost: { rate: `${name} on ${trained.about.architecture} of ${dataset}`, amount: take },
        keep: true,
        needs: [trained],
        task: (store) => ({
          victim: {
            name: 'autoencoder',
            model: modelOf(store, trained),
            kind: 'autoencoder',
            bounds: [0, 1],
          },
          attack: { ...attack, name },
          dataset: { ...sets.train, shuffle: true, skip, take },
          seed,
        }),
      });
    });
  });
}

/** Retraining with what each attack made, and with nothing added for as many epochs and for as many steps. */
function retrainSteps({ dataset, autoencoder, sets, count, ...context }, trained, attacks, seed) {
  const { architecture } = trained.about;
  const { again } = epochsFor(dataset, autoencoder, context);
  const { batchSize } = findRecipe(architecture);
  const steps = (total) => again * Math.ceil(total / batchSize);
  const arm = (name, slices) => {
    const share = slices.reduce((sum, { about }) => sum + about.take, 0);
    return { name, slices, share, many: steps(count + share) };
  };
  const arms = attacks.map((slices, i) => arm(additions[i].name, slices));
  const controls = new Set([steps(count), ...arms.map(({ many }) => many)]);
  return [...[...controls].map((many) => ({ name: 'nothing', slices: [], share: 0, many })), ...arms].map(
    ({ name, slices, share, many }) =>
      retrainStep({
        id: `retrain-${trained.id.slice('train-'.length)}-${name}-${share > 0 ? `${share}-images-` : ''}${many}-steps`,
        about: { dataset, architecture, model: trained.id, seed, added: name, share, steps: many },
        cost: { rate: `train ${architecture} on ${dataset}`, amount: (many * batchSize) / 10_000 },
        sets,
        trained,
        attacks: slices,
        steps: many,
      }),
  );
}

/** Seed by seed: training and attacks for each autoencoder, then what training on their images gives. */
export function reconstructionSteps(dataset, context) {
  const { sets, count, seeds, quick } = context;
  return Array.from({ length: seeds }, (_, i) => i + 1).flatMap((seed) => {
    const chains = (quick ? ['dense'] : autoencoders).map((autoencoder) => {
      const architecture = `${autoencoder}-autoencoder`;
      const { first } = epochsFor(dataset, autoencoder, context);
      const trained = trainStep({ dataset, sets, count, architecture, seed, epochs: first });
      const attacks = attackSteps({ dataset, ...context }, trained, seed);
      return {
        made: [trained, varianceStep(trained, context), ...attacks.flat()],
        retrained: retrainSteps({ dataset, autoencoder, ...context }, trained, attacks, seed),
      };
    });
    return [...chains.flatMap(({ made }) => made), ...chains.flatMap(({ retrained }) => retrained)];
  });
}
