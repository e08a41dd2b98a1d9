// Noise of Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations", ICLR 2019.
import type { Stream } from '@gauntlet/api';
import { kindOf } from './kind.js';
import { clipped, mapValues } from './picture.js';

/** x + σ·n: σ by severity. */
export const gaussianNoise = kindOf<number>(
  (sigma) => (picture, stream) => clipped(mapValues(picture, (value) => value + sigma * stream.normal())),
  [0.04, 0.06, 0.08, 0.09, 0.1],
  [0.08, 0.12, 0.18, 0.26, 0.38],
);

/** Poisson(x·c)/c: c photons make a white pixel. */
export const shotNoise = kindOf<number>(
  (photons) => (picture, stream) =>
    clipped(mapValues(picture, (value) => poisson(value * photons, stream) / photons)),
  [500, 250, 100, 75, 50],
  [60, 25, 12, 5, 3],
);

/** A share of the values becomes 0 or 1. */
export const impulseNoise = kindOf<number>(
  (share) => (picture, stream) =>
    mapValues(picture, (value) => {
      const flipped = stream.uniform() <= share;
      const salt = stream.uniform() <= 0.5;
      return flipped ? Number(salt) : value;
    }),
  [0.01, 0.02, 0.03, 0.05, 0.07],
  [0.03, 0.06, 0.09, 0.17, 0.27],
);

/** Knuth, The Art of Computer Programming 2, section 3.4.1: as many uniform factors as stay above e^−λ. λ ≤ 500 here. */
function poisson(lambda: number, stream: Stream): number {
  const least = Math.exp(-lambda);
  let product = stream.uniform();
  let count = 0;
  while (product > least) {
    product *= stream.uniform();
    count++;
  }
  return count;
}
