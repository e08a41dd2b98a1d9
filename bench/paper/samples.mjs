// Samples of a step's result, and what they say together.
import { describe, pool, share } from './statistics.mjs';

export const measures = ['miOwn', 'mi', 'miRelative', 'ssim', 'l2', 'gradients'];

/** One object for each sample of a result's columns. */
export function samplesOf(result) {
  return result.index.map((index, i) => {
    const at = (name) => result[name]?.[i] ?? undefined;
    const [mi, self] = [at('mi'), at('miSelf')];
    const values = Object.fromEntries(measures.map((name) => [name, at(name)]));
    return {
      index,
      status: result.status[i],
      ...values,
      miRelative: at('miRelative') ?? (mi && self && mi / self),
    };
  });
}

const short = (value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : null);

/** Columns of samples with the measures that tables have; statuses are one letter each. */
export function columnsOfSamples(samples) {
  const used = measures.filter((name) => samples.some((one) => one[name] !== undefined));
  return {
    index: samples.map(({ index }) => index),
    status: samples.map(({ status }) => status).join(''),
    ...Object.fromEntries(used.map((name) => [name, samples.map((one) => short(one[name]))])),
  };
}

export const broken = (samples) => samples.filter(({ status }) => status === 'b');
export const attackedOf = (samples) => samples.filter(({ status }) => status === 'b' || status === 'h');
const measured = (samples, name) => samples.map((one) => one[name]).filter((value) => value !== undefined);

/** Success rate, and each measure over the samples that were broken. */
export function attackRow(samples) {
  const hit = broken(samples);
  return {
    asr: share(hit.length, attackedOf(samples).length),
    ...Object.fromEntries(measures.map((name) => [name, describe(measured(hit, name))])),
  };
}

/** The row of several rows' samples together. */
export function pooledRow(rows) {
  const sum = (name) => rows.reduce((total, { asr }) => total + asr[name], 0);
  return {
    asr: share(sum('k'), sum('n')),
    ...Object.fromEntries(measures.map((name) => [name, pool(rows.map((row) => row[name]))])),
  };
}
