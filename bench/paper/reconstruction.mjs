// Plan of the second part: does training on what attacks make of the training images help an autoencoder?
import { findRecipe } from '@gauntlet/zoo';
import { attackStep } from './steps/attack.mjs';
import { retrainStep } from './steps/retrain.mjs';
import { modelOf, trainStep } from './steps/train.mjs';

export const autoencoders = ['dense', 'sparse', 'adversarial', 'conv'];
export const protocols = ['equal-epochs', 'equal-steps'];

/** As the paper has them; MINE's network is the collapsed one, which gives the same estimates for a thousandth of the time. */
export const additions = [
  { name: 'mine-uae', use: 'mine-uae', params: { similarity: 'fast', rule: 'paper' }, slice: 100 },
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

/** Attacks on a random share of the training images. Slices of a smaller share are those of a larger one. */
function attackSteps({ dataset, sets, share, quick }, trained, seed) {
  return additions.map(({ name, use, params, slice }) => {
    const attack = { use, params: quick && use !== 'gaussian' ? { ...params, iterations: 3 } : params };
    return Array.from({ length: Math.ceil(share / slice) }, (_, i) => {
      const skip = i * slice;
      const take = Math.min(slice, share - skip);
      return attackStep({
        id: `attack-${trained.id.slice('train-'.length)}-${name}-${String(skip).padStart(5, '0')}`,
        about: { dataset, model: trained.id, name, attack, seed, skip, take },
        cost: { rate: `${name} on ${trained.about.architecture} of ${dataset}`, amount: take },
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
          keep: true,
        }),
      });
    });
  });
}

/** Retraining with what each attack made, and with nothing added, under both protocols. */
function retrainSteps({ dataset, autoencoder, sets, count, share, ...context }, trained, attacks, seed) {
  const { architecture } = trained.about;
  const { again } = epochsFor(dataset, autoencoder, context);
  const { batchSize } = findRecipe(architecture);
  const steps = (total) => again * Math.ceil(total / batchSize);
  const [alone, whole] = [steps(count), steps(count + share)];
  const arm = (name, arms, many) =>
    retrainStep({
      id: `retrain-${trained.id.slice('train-'.length)}-${name}-${arms.length > 0 ? `${share}-images-` : ''}${many}-steps`,
      about: {
        dataset,
        architecture,
        model: trained.id,
        seed,
        added: name,
        share: arms.length > 0 ? share : 0,
        steps: many,
      },
      cost: { rate: `train ${architecture} on ${dataset}`, amount: (many * batchSize) / 10_000 },
      sets,
      trained,
      attacks: arms,
      steps: many,
    });
  return [
    arm('nothing', [], alone),
    ...(whole === alone ? [] : [arm('nothing', [], whole)]),
    ...attacks.map((slices, i) => arm(additions[i].name, slices, whole)),
  ];
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
        made: [trained, ...attacks.flat()],
        retrained: retrainSteps({ dataset, autoencoder, ...context }, trained, attacks, seed),
      };
    });
    return [...chains.flatMap(({ made }) => made), ...chains.flatMap(({ retrained }) => retrained)];
  });
}
