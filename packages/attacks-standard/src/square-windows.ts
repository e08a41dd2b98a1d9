// How Square fills windows of the perturbation; see square.ts. Images are [h·w·c], channels last, on the host.
import type { Stream } from '@gauntlet/api';

export interface Canvas {
  height: number;
  width: number;
  channels: number;
  epsilon: number;
  bounds: readonly [number, number];
}

export interface Windows {
  /** The first perturbed image. */
  start(clean: Float32Array, stream: Stream): Float32Array;
  /** Writes the image with another window, which covers about that share of it; false if that is the image as it was. */
  change(
    clean: Float32Array,
    image: Float32Array,
    into: Float32Array,
    share: number,
    stream: Stream,
  ): boolean;
}

export const windowsOf = (norm: 'linf' | 'l2', canvas: Canvas): Windows =>
  norm === 'linf' ? linfWindows(canvas) : l2Windows(canvas);

const signOf = (stream: Stream) => (stream.uniform() < 0.5 ? -1 : 1);

/** Positions of one channel in a window whose upper left corner is (top, left), row by row. */
function positionsOf(
  { width, channels }: Canvas,
  [top, left]: readonly [number, number],
  side: number,
  channel: number,
): Int32Array {
  const positions = new Int32Array(side * side);
  for (let r = 0; r < side; r++)
    for (let s = 0; s < side; s++)
      positions[r * side + s] = ((top + r) * width + left + s) * channels + channel;
  return positions;
}

/** Algorithm 2: the window of each channel becomes ±ε; it starts from vertical stripes of ±ε. */
function linfWindows(canvas: Canvas): Windows {
  const { height, width, channels, epsilon, bounds } = canvas;
  const [low, high] = bounds;
  const shifted = (value: number, by: number) => Math.min(high, Math.max(low, value + by));
  return {
    start(clean, stream) {
      const stripe = Float32Array.from({ length: width * channels }, () => epsilon * signOf(stream));
      return clean.map((value, i) => shifted(value, stripe[i % stripe.length]!));
    },
    change(clean, image, into, share, stream) {
      const side = sideOf(canvas, share, 1);
      const [top, left] = [stream.integer(height - side + 1), stream.integer(width - side + 1)];
      into.set(image);
      let changed = false;
      for (let channel = 0; channel < channels; channel++) {
        const by = epsilon * signOf(stream);
        for (let row = top; row < top + side; row++) {
          const first = (row * width + left) * channels + channel;
          for (let at = first; at < first + side * channels; at += channels) {
            into[at] = shifted(clean[at]!, by);
            if (into[at] !== image[at]) changed = true;
          }
        }
      }
      return changed;
    },
  };
}

/**
 * Algorithm 3: length moves from a second window, which becomes clean, into a bump in the first; it starts from 5 × 5
 * bumps.
 */
function l2Windows(canvas: Canvas): Windows {
  const { height, width, channels, epsilon } = canvas;
  // Written anew for each window: millions of them would be garbage.
  const nu = new Float64Array(height * width * channels);
  return {
    start(clean, stream) {
      const delta = new Float64Array(clean.length);
      const side = Math.max(1, Math.floor(Math.min(height, width) / 5));
      const starts = (length: number) =>
        Array.from({ length: Math.min(5, Math.floor(length / side)) }, (_, i) => i * side);
      const [tops, lefts] = [starts(height), starts(width)];
      const shift = (length: number, count: number) => Math.floor((length - count * side) / 2);
      for (const top of tops.map((top) => top + shift(height, tops.length)))
        for (const left of lefts.map((left) => left + shift(width, lefts.length))) {
          const bump = bumpOf(side, stream);
          for (let channel = 0; channel < channels; channel++) {
            const sign = signOf(stream);
            positionsOf(canvas, [top, left], side, channel).forEach((at, i) => (delta[at] = sign * bump[i]!));
          }
        }
      const image = new Float32Array(clean.length);
      perturb(clean, delta, canvas, epsilon / Math.max(lengthOf(delta), 1e-12), image);
      return image;
    },
    change(clean, image, into, share, stream) {
      const side = sideOf(canvas, share, 3);
      const corner = () => [stream.integer(height - side + 1), stream.integer(width - side + 1)] as const;
      const [one, other] = [corner(), corner()];
      for (let i = 0; i < nu.length; i++) nu[i] = image[i]! - clean[i]!;
      const unused = Math.max(0, epsilon ** 2 - lengthOf(nu) ** 2);
      const bump = bumpOf(side, stream);
      const size = lengthOf(bump);
      for (let channel = 0; channel < channels; channel++) {
        const first = positionsOf(canvas, one, side, channel);
        const second = positionsOf(canvas, other, side, channel);
        const old = pick(nu, first);
        for (const at of first) nu[at] = 0;
        // What lies in both windows counts once.
        const rest = pick(nu, second);
        const available = Math.sqrt(squaresOf(rest, squaresOf(old)) + unused / channels);
        const before = Math.max(lengthOf(old), 1e-12);
        const sign = signOf(stream);
        const mixed = old.map((value, i) => (sign * bump[i]!) / size + value / before);
        const scale = available / Math.max(lengthOf(mixed), 1e-12);
        for (const at of second) nu[at] = 0;
        first.forEach((at, i) => (nu[at] = mixed[i]! * scale));
      }
      perturb(clean, nu, canvas, Math.min(1, epsilon / Math.max(lengthOf(nu), 1e-12)), into);
      return true;
    },
  };
}

/** Side of a window that covers a share of the image. */
function sideOf({ height, width }: Canvas, share: number, least: number): number {
  const side = Math.max(least, Math.round(Math.sqrt(share * height * width)));
  return Math.min(side, height, width);
}

/** Equation 2: two halves of opposite sign, side by side or one above the other, each rising towards its middle. */
function bumpOf(side: number, stream: Stream): Float64Array {
  const half = Math.floor(side / 2);
  const upright = stream.uniform() < 0.5;
  const bump = new Float64Array(side * side);
  for (let r = 0; r < side; r++)
    for (let s = 0; s < side; s++) {
      const value = s < half ? rise(side, half, r, s) : -rise(side, side - half, r, s - half);
      bump[upright ? r * side + s : s * side + r] = value;
    }
  return bump;
}

/** Height at (r, s) of a hill on rows × columns: Σ_{k=0}^{m} 1 / (n + 1 − k)², m larger towards the middle. */
function rise(rows: number, columns: number, r: number, s: number): number {
  const n = Math.floor(rows / 2);
  const m = n - Math.max(Math.abs(r - n), Math.abs(s - Math.floor(columns / 2)));
  let sum = 0;
  for (let k = 0; k <= m; k++) sum += 1 / (n + 1 - k) ** 2;
  return sum;
}

const lengthOf = (values: ArrayLike<number>): number => Math.sqrt(squaresOf(values));

function pick(values: Float64Array, positions: Int32Array): Float64Array {
  const picked = new Float64Array(positions.length);
  for (let i = 0; i < picked.length; i++) picked[i] = values[positions[i]!]!;
  return picked;
}

function squaresOf(values: ArrayLike<number>, more = 0): number {
  let squares = more;
  for (let i = 0; i < values.length; i++) squares += values[i]! * values[i]!;
  return squares;
}

/** Writes clean + factor · δ, inside the box. */
function perturb(
  clean: Float32Array,
  delta: Float64Array,
  { bounds: [low, high] }: Canvas,
  factor: number,
  into: Float32Array,
): void {
  for (let i = 0; i < into.length; i++)
    into[i] = Math.min(high, Math.max(low, clean[i]! + factor * delta[i]!));
}
