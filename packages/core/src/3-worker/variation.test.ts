import { describe, expect, it } from 'vitest';
import { Stream } from '@gauntlet/api';
import { variationOf } from './variation.js';

const drawn = (n: number, seed: string) => {
  const stream = new Stream(seed);
  return Float32Array.from({ length: n }, () => stream.normal());
};
const images = drawn(8 * 12, 'images');

describe('how far outputs follow inputs', () => {
  it('is the share of the variance of images that reconstructions have', () => {
    const half = images.map((value) => 0.5 + value / 2);
    expect(variationOf('autoencoder', images, images, 8)).toBeCloseTo(1, 6);
    expect(variationOf('autoencoder', images, half, 8)).toBeCloseTo(0.25, 6);
    const same = new Float32Array(images.length).fill(3);
    expect(variationOf('autoencoder', same, images, 8)).toBeUndefined();
  });

  it('is 0 for an autoencoder that always gives the same', () => {
    const inputs = drawn(8 * 12, 'others');
    expect(variationOf('autoencoder', inputs, new Float32Array(8 * 12).fill(0.3), 8)).toBe(0);
  });

  it('is that of the directions of embeddings, whatever their lengths', () => {
    const inputs = drawn(8 * 12, 'others');
    const apart = Float32Array.of(1, 0, 0, 5);
    expect(variationOf('encoder', inputs.subarray(0, 24), apart, 2)).toBeCloseTo(0.5, 6);
    const wide = Float32Array.from({ length: 600_000 }, (_, i) => (i < 300_000 ? i % 2 : 1 - (i % 2)));
    expect(variationOf('encoder', inputs.subarray(0, 24), wide, 2)).toBeCloseTo(0.5, 6);
    const alike = Float32Array.of(1, 1, 7, 7);
    expect(variationOf('encoder', inputs.subarray(0, 24), alike, 2)).toBeCloseTo(0, 10);
    expect(variationOf('encoder', inputs.subarray(0, 24), new Float32Array(4), 2)).toBe(0);
  });

  it('is not known of a classifier, of one sample, of outputs that are no numbers', () => {
    const inputs = drawn(24, 'others');
    expect(variationOf('classifier', inputs, inputs, 2)).toBeUndefined();
    expect(variationOf('autoencoder', inputs, inputs, 1)).toBeUndefined();
    expect(variationOf('autoencoder', inputs, new Float32Array(24).fill(NaN), 2)).toBeUndefined();
  });
});
