import type { Stream } from '@gauntlet/api';
import { gaussianFilter, mirrored, symmetric } from './filters.js';
import type { Corrupt } from './kind.js';
import { clipped, type Picture, plane } from './picture.js';
import { warp } from './resample.js';

/** Where pixels come from: noise in ±`amplitude`, smoothed, times `alpha`, in pixels. */
function displacement(
  { height, width }: Picture,
  amplitude: number,
  sigma: readonly [number, number],
  alpha: number,
  stream: Stream,
): Float64Array {
  const noise = plane(height, width, () => stream.uniform(-amplitude, amplitude));
  return gaussianFilter(noise, sigma, symmetric, 3).values.map((value) => alpha * value);
}

function displaced(picture: Picture, dy: Float64Array, dx: Float64Array): Picture {
  const { width } = picture;
  return clipped(warp(picture, (y, x) => [y + dy[y * width + x]!, x + dx[y * width + x]!], symmetric));
}

/** Without the affine map of the published program: as the package imagecorruptions has it. */
export const elasticOfImageNet =
  (alpha: number): Corrupt =>
  (picture, stream) => {
    const { height, width } = picture;
    const sigma = [0.01 * height, 0.01 * width] as const;
    const dx = displacement(picture, 0.005 * height, sigma, alpha, stream);
    const dy = displacement(picture, 0.005 * height, sigma, alpha, stream);
    return displaced(picture, dy, dx);
  };

/** α, σ and the largest move of three corners, all as shares of the side. */
export const elasticOfCifar =
  ([alpha, sigma, move]: readonly [alpha: number, sigma: number, move: number]): Corrupt =>
  (picture, stream) => {
    const side = Math.min(picture.height, picture.width);
    const moved = movedCorners(picture, move * side, stream);
    const smooth = [sigma * side, sigma * side] as const;
    const dx = displacement(picture, 1, smooth, alpha * side, stream);
    const dy = displacement(picture, 1, smooth, alpha * side, stream);
    return displaced(moved, dy, dx);
  };

/** The affine map that moves three corners of a square around the middle by up to `most` pixels each way. */
function movedCorners(picture: Picture, most: number, stream: Stream): Picture {
  const [cy, cx] = [Math.floor(picture.height / 2), Math.floor(picture.width / 2)];
  const reach = Math.floor(Math.min(picture.height, picture.width) / 3);
  const corners = [
    [cx + reach, cy + reach],
    [cx + reach, cy - reach],
    [cx - reach, cy - reach],
  ] as const;
  const targets = corners.map(([x, y]) => [x + stream.uniform(-most, most), y + stream.uniform(-most, most)]);
  // Source = corner₁ + u·(corner₀ − corner₁) + v·(corner₂ − corner₁) where the same u, v give the place among the targets.
  const [t0, t1, t2] = targets as [number[], number[], number[]];
  const [ax, ay] = [t0[0]! - t1[0]!, t0[1]! - t1[1]!];
  const [bx, by] = [t2[0]! - t1[0]!, t2[1]! - t1[1]!];
  const area = ax * by - bx * ay;
  return warp(
    picture,
    (y, x) => {
      const [px, py] = [x - t1[0]!, y - t1[1]!];
      const u = (px * by - bx * py) / area;
      const v = (ax * py - px * ay) / area;
      return [corners[1][1] + 2 * reach * u, corners[1][0] - 2 * reach * v];
    },
    mirrored,
  );
}
