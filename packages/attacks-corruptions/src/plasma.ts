import type { Stream } from '@gauntlet/api';
import { type Picture, plane } from './picture.js';

/**
 * A cloud by the diamond-square algorithm (Fournier, Fussell, Carpenter 1982) on a torus, [height,width] in 0 … 1. Each
 * halving of the grid divides the random part by `decay`: the larger, the smoother.
 */
export function plasma(height: number, width: number, decay: number, stream: Stream): Picture {
  const side = 2 ** Math.ceil(Math.log2(Math.max(height, width)));
  const map = new Float64Array(side * side);
  const at = (y: number, x: number) => map[((y + side) % side) * side + ((x + side) % side)]!;
  let wibble = 100;
  for (let step = side; step >= 2; step /= 2, wibble /= decay) {
    const half = step / 2;
    const set = (y: number, x: number, around: number) => {
      map[y * side + x] = around / 4 + wibble * stream.uniform(-wibble, wibble);
    };
    for (let y = 0; y < side; y += step)
      for (let x = 0; x < side; x += step)
        set(y + half, x + half, at(y, x) + at(y + step, x) + at(y, x + step) + at(y + step, x + step));
    const diamond = (y: number, x: number) =>
      set(y, x, at(y - half, x) + at(y + half, x) + at(y, x - half) + at(y, x + half));
    for (let y = 0; y < side; y += step) for (let x = half; x < side; x += step) diamond(y, x);
    for (let y = half; y < side; y += step) for (let x = 0; x < side; x += step) diamond(y, x);
  }
  const low = map.reduce((a, b) => Math.min(a, b), Infinity);
  const high = map.reduce((a, b) => Math.max(a, b), -Infinity);
  return plane(height, width, (y, x) => (map[y * side + x]! - low) / (high - low || 1));
}
