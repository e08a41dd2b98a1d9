// Plan of the third part: what makes the success rate of MINE-UAE on the adversarial and on the dense autoencoder differ
// from the paper's, that of noise on the sparse one, and SVHN's adversarial one collapse. One setting is changed at a time.
import { attackStep, onlySeed } from './steps/attack.mjs';
import { noiseStep, ways } from './steps/noise.mjs';
import { modelOf, trainStep } from './steps/train.mjs';
import { varianceStep } from './steps/variance.mjs';
import { additions, epochsFor } from './reconstruction.mjs';

const [mine, l2, , noise] = additions;

const paperTraining = 'the paper’s training';

/** Models: on how many images and for how many passes, and with which codes. */
const mnistModels = (count) => ({
  dense: [
    { name: '500 images, 300 passes', take: 500, epochs: 300 },
    { name: '1 pass', take: count, epochs: 1 },
    { name: '5 passes', take: count, epochs: 5 },
    { name: paperTraining, take: count },
  ],
  sparse: [{ name: paperTraining, take: count, noiseOnly: true }],
  adversarial: [
    { name: '500 images, 60 passes', take: 500, epochs: 60 },
    { name: '5,000 images, 6 passes', take: 5000, epochs: 6 },
    {
      name: '5,000 images, 6 passes, uniform prior',
      take: 5000,
      epochs: 6,
      codes: { latent: 2, prior: 'uniform' },
    },
    {
      name: '5,000 images, 6 passes, latent size 8',
      take: 5000,
      epochs: 6,
      codes: { latent: 8, prior: 'normal' },
    },
    {
      name: '5,000 images, 6 passes, latent size 32',
      take: 5000,
      epochs: 6,
      codes: { latent: 32, prior: 'normal' },
    },
    { name: '3 passes', take: count, epochs: 3 },
    { name: paperTraining, take: count },
  ],
});

/** SVHN's adversarial autoencoder collapses with the paper's codes: does it with others? */
const svhnModels = (count) => ({
  adversarial: [
    ...[
      { latent: 2, prior: 'uniform' },
      { latent: 32, prior: 'normal' },
      { latent: 32, prior: 'uniform' },
    ].map((codes) => ({
      name: `100 passes, latent size ${codes.latent}, ${codes.prior} prior`,
      take: count,
      epochs: 100,
      codes,
    })),
    { name: paperTraining, take: count },
  ],
});
const models = { mnist: mnistModels, svhn: svhnModels };

/** Attacks on each model. */
const onEach = [mine, l2, noise].map(({ name, use, params }) => ({ name, use, params }));

/** MINE-UAE with one setting changed, on the models that the others are compared with. */
const changes = [
  { name: 'c₁ = 0.1', params: { initialC: 0.1 } },
  { name: 'c₁ = 10', params: { initialC: 10 } },
  { name: '100 iterations', params: { iterations: 100 } },
  { name: 'one step of training an iteration', params: { mineSteps: 1 } },
  { name: 'selection after a warm-up', params: { rule: 'warmed-up' } },
].map(({ name, params }) => ({
  name: `mine-uae, ${name}`,
  use: 'mine-uae',
  params: { ...mine.params, ...params },
}));
const largeC = changes.find(({ params }) => params.initialC === 10);
const changed = {
  mnist: {
    dense: { [paperTraining]: changes },
    adversarial: { '5,000 images, 6 passes': changes, '3 passes': [largeC] },
  },
};

/** Training images that each attack is made on: the first ones, which every model has seen. */
const attacked = 100;

/** Every model under the same attacks first, then the changed attacks on one model of each kind. */
export function causesSteps(dataset, context) {
  if (!models[dataset] || context.quick) return [];
  const { sets, count } = context;
  const all = Object.entries(models[dataset](count)).flatMap(([autoencoder, variants]) =>
    variants.map(({ name, take, epochs, codes, noiseOnly }) => {
      const architecture = `${autoencoder}-autoencoder`;
      const passes = epochs ?? epochsFor(dataset, autoencoder).first;
      const training = { dataset, sets, count: take, architecture, seed: onlySeed, epochs: passes, codes };
      return { autoencoder, name, noiseOnly, trained: trainStep(training) };
    }),
  );
  const attacks = (model, list) => list.map((attack) => attackOf(dataset, sets, model, attack));
  const first = ({ trained }) => [trained, varianceStep(trained, context)];
  const long = ({ autoencoder, name }) => autoencoder === 'adversarial' && name === paperTraining;
  return [
    ...all
      .filter((model) => !long(model))
      .flatMap((model) => [...first(model), ...(model.noiseOnly ? [] : attacks(model, onEach))]),
    ...all.flatMap((model) => attacks(model, changed[dataset]?.[model.autoencoder]?.[model.name] ?? [])),
    ...all
      .filter(({ autoencoder, name }) => autoencoder !== 'adversarial' && name === paperTraining)
      .flatMap((model) => noises(dataset, sets, model)),
    ...all.filter(long).flatMap((model) => [...first(model), ...attacks(model, onEach)]),
  ];
}

/** Noise added in each way, with the paper's two deviations. */
function noises(dataset, sets, { autoencoder, name, trained }) {
  return [0.01, 0.001].flatMap((sigma) =>
    Object.keys(ways).map((way) =>
      noiseStep({
        id: `causes-${trained.id.slice('train-'.length)}-noise-${sigma}-${way.replaceAll(' ', '-')}`,
        about: {
          dataset,
          autoencoder,
          model: name,
          trained: trained.id,
          change: `gaussian-${sigma}, ${way}`,
          attack: { use: 'gaussian', sigma, way, attacked: 1000 },
        },
        cost: { rate: `noise on ${autoencoder}-autoencoder of ${dataset}`, amount: 1000 },
        sets,
        trained,
      }),
    ),
  );
}

function attackOf(dataset, sets, { autoencoder, name, trained }, { name: attackName, ...attack }) {
  return attackStep({
    id: `causes-${trained.id.slice('train-'.length)}-${attackName.replaceAll(/[^\w.]+/g, '-')}`,
    about: { dataset, autoencoder, model: name, trained: trained.id, change: attackName, attack, attacked },
    needs: [trained],
    cost: { rate: `${attackName} on ${autoencoder}-autoencoder of ${dataset}`, amount: attacked },
    task: (store) => ({
      victim: { name: 'autoencoder', model: modelOf(store, trained), kind: 'autoencoder', bounds: [0, 1] },
      attack: { ...attack, name: attackName },
      dataset: { ...sets.train, take: attacked },
      seed: onlySeed,
    }),
  });
}
