import { describe, expect, it } from 'vitest';
import { structuralSimilarity } from './structural-similarity.js';
import cases from './structural-similarity.json' with { type: 'json' };

type Shape = [number, number, number];

/** As in bench/similarity.py, [h·w·c]. */
function image([h, w, c]: Shape, phase: number, [low, high]: number[]): Float32Array {
  const out = new Float32Array(h * w * c);
  for (let i = 0; i < out.length; i++) {
    const [channel, column, row] = [i % c, Math.floor(i / c) % w, Math.floor(i / c / w)];
    const wave = Math.sin(0.31 * row + 0.17 * column * (channel + 1) + phase);
    out[i] = low + (high - low) * (0.5 + 0.3 * wave + 0.2 * Math.cos(0.05 * row * column + phase));
  }
  return out;
}

describe('SSIM', () => {
  it.each(cases)("is scikit-image's: $shape, $bounds, $ssim", ({ shape, phase, bounds, ssim }) => {
    const [a, b] = [0, phase].map((one) => image(shape as Shape, one, bounds));
    const [value] = structuralSimilarity(a, b, shape as Shape, bounds as [number, number])!;
    expect(Math.abs(value - ssim)).toBeLessThan(1e-4);
  });

  it('is 1 for the same image, constant ones too, and of each image of a batch by itself', () => {
    const shape: Shape = [12, 12, 2];
    const [a, b] = [image(shape, 0, [0, 1]), image(shape, 1, [0, 1])];
    const flat = new Float32Array(288).fill(0.3);
    const batch = (...images: Float32Array[]) => Float32Array.from(images.flatMap((one) => [...one]));
    const [same, constant, other] = structuralSimilarity(
      batch(a, flat, a),
      batch(a, flat, b),
      shape,
      [0, 1],
    )!;
    expect([same, constant]).toEqual([expect.closeTo(1, 12), expect.closeTo(1, 12)]);
    expect(other).toBe(structuralSimilarity(a, b, shape, [0, 1])![0]);
    expect(other).toBeLessThan(0.9);
  });

  it('says nothing of images that no window fits in', () => {
    const small = new Float32Array(10 * 28);
    expect(structuralSimilarity(small, small, [10, 28, 1], [0, 1])).toBeUndefined();
  });
});
