// What the records of a part's steps say: rows without single samples.
import { everyTime } from './records.mjs';
import { attackedOf, attackRow, broken, measures, pooledRow, samplesOf } from './samples.mjs';
import { describe } from './statistics.mjs';

const groupBy = (list, keyOf) => {
  const groups = new Map();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups.values()];
};

const sum = (records, name) => Number(records.reduce((total, one) => total + one[name], 0).toFixed(1));
/** Models behind a row: more than one where a model that was missing was trained again. */
const trainingsOf = (hashes) => new Set(hashes).size;
const costOf = (records) => ({ seconds: sum(records, 'seconds'), cpuSeconds: sum(records, 'cpuSeconds') });

/** Of samples that are there more than once the last ones. */
const once = (samples) => [...new Map(samples.map((one) => [one.index, one])).values()];
/** Samples compare where image and model are the same. */
const key = ({ index, model }) => `${index} ${model}`;

/** Of the same broken samples of the same model: the measures of one attack minus those of another. */
function paired(first, second) {
  const others = new Map(broken(second).map((one) => [key(one), one]));
  const both = once(broken(first).filter((one) => others.has(key(one))));
  return Object.fromEntries(
    measures.map((name) => {
      const known = both.filter((one) => one[name] !== undefined && others.get(key(one))[name] !== undefined);
      return [name, describe(known.map((one) => one[name] - others.get(key(one))[name]))];
    }),
  );
}

/** The smallest radius at which PGD breaks at least as large a share as an attack does, of the samples both were made on. */
function matchedPgd(attack, all) {
  const pgds = all.filter(({ use }) => use === 'pgd').sort((a, b) => a.params.epsilon - b.params.epsilon);
  return pgds.find((pgd) => {
    const tried = new Set(attackedOf(pgd.all).map(key));
    const hit = new Set(broken(pgd.all).map(key));
    const common = once(attackedOf(attack.all).filter((one) => tried.has(key(one))));
    return common.length > 0 && common.filter((one) => hit.has(key(one))).length >= broken(common).length;
  });
}

/** Samples of every time that steps were done, with the model that was attacked. */
const samplesOfAll = (records) =>
  everyTime(records).flatMap(({ result }) =>
    samplesOf(result).map((one) => ({ ...one, model: result.victimHash })),
  );

/** Attack by attack, and MinMax beside each of the others on the same samples. */
export function summariseMutualInformation(records) {
  const cells = groupBy(
    records.filter(({ about }) => about.attack),
    ({ about }) => `${about.victim} ${about.name}`,
  ).map((group) => {
    const { victim, name, attack } = group[0].about;
    const all = samplesOfAll(group);
    // A sample counts once, though steps of another size have it too, or a step that was done again.
    const samples = once(all);
    return {
      victim,
      name,
      ...attack,
      all,
      samples,
      trainings: trainingsOf(samples.map(({ model }) => model)),
      cost: costOf(group),
      engine: group[0].result.engine,
    };
  });
  const pairs = groupBy(cells, ({ victim }) => victim).flatMap((all) => {
    const find = (name) => all.find((one) => one.name === name);
    return ['', '-raised'].flatMap((suffix) => {
      const first = find(`minmax${suffix}`);
      if (!first) return [];
      const penalties = suffix === '' ? ['penalty-equal-steps', 'penalty-reference'] : ['penalty-raised'];
      const others = [...penalties.map(find), matchedPgd(first, all)].filter(Boolean);
      return others.map((second) => ({
        victim: first.victim,
        first: first.name,
        second: second.name,
        ...paired(first.all, second.all),
      }));
    });
  });
  const models = records
    .filter(({ about }) => about.architecture)
    .map((record) => {
      const times = everyTime([record]).toReversed();
      const [{ result }, ...again] = times;
      return {
        id: record.id,
        ...record.about,
        ...result,
        losses: undefined,
        ...(again.length > 0 && { again: again.map((one) => one.result.testAccuracy) }),
        ...costOf(times),
      };
    });
  return {
    models,
    rows: cells.map(({ samples, ...cell }) => ({ ...cell, all: undefined, ...attackRow(samples) })),
    pairs,
  };
}

/** By model, the share of the images' variance that its outputs have. */
const variancesOf = (records) =>
  new Map(
    records
      .filter(({ id }) => id.startsWith('variance-'))
      .map(({ about, result }) => [about.model, result.variance]),
  );

/** Of each architecture the models of the longest training, what attacks made of the training images, and what retraining gave. */
export function summariseReconstruction(records) {
  const trained = records.filter(({ id }) => id.startsWith('train-'));
  const longest = groupBy(trained, ({ about }) => about.architecture).flatMap((group) => {
    const epochs = Math.max(...group.map(({ about }) => about.epochs));
    return group.filter(({ about }) => about.epochs === epochs);
  });
  const variances = variancesOf(records);
  const models = longest.map(({ id, about, result, cpuSeconds }) => {
    const { engine, tested, testError } = result;
    return { id, ...about, engine, tested, testError, variance: variances.get(id), cpuSeconds };
  });
  const of = (kind) =>
    records.filter(
      ({ id, about }) => id.startsWith(kind) && longest.some((model) => model.id === about.model),
    );
  const attacks = groupBy(of('attack-'), ({ about }) => `${about.model} ${about.name}`).map((group) => ({
    model: group[0].about.model,
    name: group[0].about.name,
    trainings: trainingsOf(group.map(({ result }) => result.victimHash)),
    ...pooledRow(group.map(({ result }) => result.row)),
    ...costOf(group),
  }));
  const retrained = of('retrain-').map(({ about, result, cpuSeconds }) => ({
    ...about,
    testError: result.testError,
    variance: result.variance,
    cpuSeconds,
  }));
  return { models, attacks, retrained };
}

/** A row for each model and each change of the attack. */
export function summariseCauses(records) {
  const errors = new Map(
    records.filter(({ about }) => !about.attack).map(({ id, result }) => [id, result.testError]),
  );
  const variances = variancesOf(records);
  return {
    rows: records
      .filter(({ about }) => about.attack)
      .map((record) => {
        const { autoencoder, model, change, trained } = record.about;
        return {
          autoencoder,
          model,
          change,
          testError: errors.get(trained),
          variance: variances.get(trained),
          ...record.result.row,
          ...costOf([record]),
        };
      }),
  };
}
