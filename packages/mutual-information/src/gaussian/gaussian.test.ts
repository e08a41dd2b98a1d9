import { describe, expect, it } from 'vitest';
import { Stream } from '@gauntlet/api';
import {
  factorOf,
  gaussianEstimate,
  information,
  informationValue,
  prepareClean,
  selfInformation,
} from './gaussian.js';

const [positions, channels] = [50, 6];

/** Features of an image, positions × channels, the last channel constant. */
function image(name: string): Float32Array {
  const stream = new Stream(name);
  return Float32Array.from({ length: positions * channels }, (_, i) =>
    i % channels === channels - 1 ? 0.3 : stream.normal(),
  );
}

/** (1/P) Σ_p a_p b_pᵀ */
function covariance(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(channels * channels);
  for (let p = 0; p < positions; p++)
    for (let i = 0; i < channels; i++)
      for (let j = 0; j < channels; j++)
        out[i * channels + j] += (a[p * channels + i] * b[p * channels + j]) / positions;
  return out;
}

describe('the Gaussian estimate by factors', () => {
  it('is the one that is made with the inverse', () => {
    const clean = prepareClean(image('clean'), positions, channels);
    const [one, two] = [image('clean'), image('noise')];
    const { u } = prepareClean(
      one.map((value, i) => value + 0.3 * two[i]),
      positions,
      channels,
    );
    const [variance, cross] = [covariance(u, u), covariance(clean.u, u)];
    const slow = information(clean.precision, variance.slice(), cross, channels, false).value;
    const fast = informationValue(factorOf(clean.variance, channels), variance, cross, channels);
    expect(slow).toBeGreaterThan(1);
    expect(fast).toBeCloseTo(slow, 9);
  });

  it('of an image and itself is the estimate between two that are the same', () => {
    const clean = prepareClean(image('clean'), positions, channels);
    const expected = gaussianEstimate(clean, image('clean'), positions, channels);
    expect(selfInformation(clean.variance, channels)).toBeCloseTo(expected, 9);
  });
});
