import { type Picture, like } from './picture.js';

/** Blur along a line: half a Gaussian of `sigma` over 2·radius + 1 places from each pixel on, towards `angle` in degrees. */
export function motionBlur(picture: Picture, radius: number, sigma: number, angle: number): Picture {
  const { height, width, channels, values } = picture;
  const length = 2 * radius + 1;
  const weights = Float64Array.from({ length }, (_, i) => Math.exp(-(i ** 2) / (2 * sigma ** 2)));
  const sum = weights.reduce((a, b) => a + b, 0);
  // As long as in the published program, so that halves are rounded as there.
  const radians = (angle * Math.PI) / 180;
  const [down, across] = [length * Math.sin(radians), length * Math.cos(radians)];
  const far = Math.hypot(down, across);
  const blurred = new Float64Array(values.length);
  for (let i = 0; i < length; i++) {
    const dy = -Math.ceil((i * down) / far - 0.5);
    const dx = -Math.ceil((i * across) / far - 0.5);
    if (Math.abs(dy) >= height || Math.abs(dx) >= width) break;
    for (let y = 0; y < height; y++) {
      const row = Math.min(height - 1, Math.max(0, y - dy)) * width;
      for (let x = 0; x < width; x++) {
        const from = (row + Math.min(width - 1, Math.max(0, x - dx))) * channels;
        const to = (y * width + x) * channels;
        for (let c = 0; c < channels; c++) blurred[to + c]! += (weights[i]! / sum) * values[from + c]!;
      }
    }
  }
  return like(picture, blurred);
}
