import { Stream } from '@gauntlet/api';
import { digitStrokes, type Point } from './strokes.js';

export const side = 28;

/** The class of the i-th synthetic digit. */
export const digitLabel = (seed: number, i: number): number => new Stream('digits', seed, i).integer(10);

/** The i-th synthetic digit of a seed: 28·28 bytes (0 background, up to 255 ink) and its class. */
export function renderDigit(seed: number, i: number): { pixels: Uint8Array; label: number } {
  const stream = new Stream('digits', seed, i);
  const label = stream.integer(10);
  const variants = digitStrokes[label];
  const strokes = variants[stream.integer(variants.length)];
  const place = randomPlacement(stream);
  const thickness = stream.uniform(1.5, 3.2);
  const ink = stream.uniform(200, 255);
  const segments = strokes.flatMap((stroke) => {
    const points = stroke.map((point) => place(wobble(point, stream)));
    return points.slice(1).map((end, k) => [points[k], end] as const);
  });
  const reach = thickness / 2 + 0.5;
  const pixels = new Uint8Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let distance = Infinity;
      for (const [a, b] of segments)
        if (isWithin(x, y, a, b, reach)) distance = Math.min(distance, distanceToSegment(x, y, a, b));
      const coverage = Math.min(1, Math.max(0, reach - distance));
      pixels[y * side + x] = Math.round(ink * coverage);
    }
  }
  return { pixels, label };
}

const wobble = ([x, y]: Point, stream: Stream): Point => [
  x + 0.018 * stream.normal(),
  y + 0.018 * stream.normal(),
];

/** From the unit square to pixels: rotated, sheared, stretched and shifted at random. */
function randomPlacement(stream: Stream): (point: Point) => Point {
  const angle = stream.uniform(-0.22, 0.22);
  const shear = stream.uniform(-0.2, 0.2);
  const width = stream.uniform(16, 22);
  const height = stream.uniform(18, 23);
  const [left, top] = [stream.uniform(-2, 2), stream.uniform(-2, 2)];
  return ([x, y]) => {
    const u = (x - 0.5) * width - shear * (y - 0.5) * height;
    const v = (y - 0.5) * height;
    return [
      (side - 1) / 2 + left + Math.cos(angle) * u - Math.sin(angle) * v,
      (side - 1) / 2 + top + Math.sin(angle) * u + Math.cos(angle) * v,
    ];
  };
}

/** False where a segment leaves no ink at (x, y), as most do: it lies farther away than `reach` on one axis. */
function isWithin(x: number, y: number, a: Point, b: Point, reach: number): boolean {
  return (
    x > Math.min(a[0], b[0]) - reach &&
    x < Math.max(a[0], b[0]) + reach &&
    y > Math.min(a[1], b[1]) - reach &&
    y < Math.max(a[1], b[1]) + reach
  );
}

function distanceToSegment(x: number, y: number, [ax, ay]: Point, [bx, by]: Point): number {
  const dx = bx - ax;
  const dy = by - ay;
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}
