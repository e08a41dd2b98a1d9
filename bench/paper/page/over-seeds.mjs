import { describe, share } from '../statistics.mjs';

/** One autoencoder's models over all seeds. */
export function modelsOf({ models }, autoencoder) {
  return models.filter(({ architecture }) => architecture === `${autoencoder}-autoencoder`);
}

/** How many images of one addition models were retrained with, the most first; one that says nothing where none was. */
export function amountsOf({ retrained }, models, name) {
  const mine = retrained.filter(
    ({ added, model }) => added === name && models.some(({ id }) => id === model),
  );
  const amounts = [...new Set(mine.map((one) => one.share))];
  return amounts.length === 0 ? [undefined] : amounts.sort((a, b) => b - a);
}

/** Errors after retraining with so many images of one addition: for each seed beside the same seed's original and control. */
export function retrainedWith(result, models, name, amount) {
  const perSeed = models.flatMap(({ id, testError: original }) => {
    const mine = result.retrained.filter(({ model }) => model === id);
    const found = mine.find(({ added, share }) => added === name && share === amount);
    if (!found) return [];
    const control = mine.find(({ added, steps }) => added === 'nothing' && steps === found.steps);
    const alone = mine.filter(({ added }) => added === 'nothing').sort((a, b) => a.steps - b.steps)[0];
    return [{ ...found, original, control: control?.testError, alone: alone?.testError }];
  });
  const over = (value) => describe(perSeed.map(value).filter((one) => one !== undefined));
  return {
    perSeed,
    error: over(({ testError }) => testError),
    improvement: over(({ testError, original }) => 1 - testError / original),
    overControl: over(({ testError, control }) => control && 1 - testError / control),
    overAlone: over(({ testError, alone }) => alone && 1 - testError / alone),
  };
}

/**
 * The success rate over the models of all seeds, each of which counts as much. Its interval is as wide as the images make it, and as
 * the models do where there are several.
 */
export function overModels(rates) {
  if (rates.length === 0) return undefined;
  const sum = (key) => rates.reduce((total, rate) => total + rate[key], 0);
  const all = share(sum('k'), sum('n'));
  const models = describe(rates.map((rate) => rate.share));
  const [low, high] = models.interval ?? all.interval;
  const interval = [
    Math.max(0, Math.min(low, all.interval[0])),
    Math.min(1, Math.max(high, all.interval[1])),
  ];
  return { ...all, share: models.mean, interval, models: models.n };
}
