import type { Border } from './filters.js';
import type { Picture } from './picture.js';

/** Bilinear interpolation at real coordinates; a neighbour outside of the picture is looked up by `border`. */
export function warp(
  picture: Picture,
  source: (y: number, x: number) => readonly [y: number, x: number],
  border: Border | { fill: number },
): Picture {
  const { height, width, channels, values } = picture;
  const warped = new Float64Array(values.length);
  const place = typeof border === 'function' ? border : undefined;
  const fill = typeof border === 'function' ? 0 : border.fill;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [sy, sx] = source(y, x);
      const [top, left] = [Math.floor(sy), Math.floor(sx)];
      const to = (y * width + x) * channels;
      for (const [qy, wy] of [
        [top, 1 - (sy - top)],
        [top + 1, sy - top],
      ] as const)
        for (const [qx, wx] of [
          [left, 1 - (sx - left)],
          [left + 1, sx - left],
        ] as const) {
          const weight = wy * wx;
          if (weight === 0) continue;
          const inside = qy >= 0 && qy < height && qx >= 0 && qx < width;
          const [py, px] = inside || !place ? [qy, qx] : [place(qy, height), place(qx, width)];
          const from = (py * width + px) * channels;
          for (let c = 0; c < channels; c++)
            warped[to + c]! += weight * (inside || place ? values[from + c]! : fill);
        }
    }
  }
  return { height, width, channels, values: warped };
}

/** Bilinear, corner on corner, to `factor` times the size. */
export function zoom(picture: Picture, factor: number): Picture {
  const { channels } = picture;
  const [height, width] = [roundEven(picture.height * factor), roundEven(picture.width * factor)];
  const step = (from: number, to: number) => (to > 1 ? (from - 1) / (to - 1) : 1);
  const [sy, sx] = [step(picture.height, height), step(picture.width, width)];
  const values = new Float64Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    const top = Math.min(picture.height - 1, Math.floor(y * sy));
    const below = Math.min(picture.height - 1, top + 1);
    const v = y * sy - top;
    for (let x = 0; x < width; x++) {
      const left = Math.min(picture.width - 1, Math.floor(x * sx));
      const right = Math.min(picture.width - 1, left + 1);
      const h = x * sx - left;
      for (let c = 0; c < channels; c++) {
        const at = (py: number, px: number) => picture.values[(py * picture.width + px) * channels + c]!;
        values[(y * width + x) * channels + c] =
          (1 - v) * ((1 - h) * at(top, left) + h * at(top, right)) +
          v * ((1 - h) * at(below, left) + h * at(below, right));
      }
    }
  }
  return { height, width, channels, values };
}

/** Halves go to the even neighbour, as in Python. */
function roundEven(value: number): number {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}

/** Of the picture the part [top, top + height) × [left, left + width). */
export function crop(picture: Picture, top: number, left: number, height: number, width: number): Picture {
  const { channels } = picture;
  const values = new Float64Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * channels;
    values.set(picture.values.subarray(from, from + width * channels), y * width * channels);
  }
  return { height, width, channels, values };
}

/** The middle of the picture, zoomed so that it covers at least the picture's own size. */
export function clippedZoom(picture: Picture, factor: number): Picture {
  const [height, width] = [Math.ceil(picture.height / factor), Math.ceil(picture.width / factor)];
  const [top, left] = [Math.floor((picture.height - height) / 2), Math.floor((picture.width - width) / 2)];
  return zoom(crop(picture, top, left, height, width), factor);
}

/** Each pixel the mean of those that it covers; where it covers less than one, the one at its middle. */
export function boxResize(picture: Picture, height: number, width: number): Picture {
  return boxColumns(boxRows(picture, height), width);
}

function boxRows(picture: Picture, height: number): Picture {
  const spans = boxSpans(picture.height, height);
  const row = picture.width * picture.channels;
  const values = new Float64Array(height * row);
  spans.forEach(([from, to], y) => {
    for (let at = from; at < to; at++)
      for (let i = 0; i < row; i++) values[y * row + i]! += picture.values[at * row + i]! / (to - from);
  });
  return { ...picture, height, values };
}

function boxColumns(picture: Picture, width: number): Picture {
  const spans = boxSpans(picture.width, width);
  const { height, channels } = picture;
  const values = new Float64Array(height * width * channels);
  for (let y = 0; y < height; y++)
    spans.forEach(([from, to], x) => {
      for (let at = from; at < to; at++)
        for (let c = 0; c < channels; c++)
          values[(y * width + x) * channels + c]! +=
            picture.values[(y * picture.width + at) * channels + c]! / (to - from);
    });
  return { ...picture, width, values };
}

function boxSpans(from: number, to: number): (readonly [number, number])[] {
  const scale = from / to;
  const support = Math.max(scale, 1) / 2;
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - support + 0.5));
    const end = Math.min(from, Math.floor(centre + support + 0.5));
    return [first, end];
  });
}

/** Each pixel is the one under its middle. */
export function nearestResize(picture: Picture, height: number, width: number): Picture {
  const { channels } = picture;
  const values = new Float64Array(height * width * channels);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [sy, sx] = [
        Math.floor(((y + 0.5) * picture.height) / height),
        Math.floor(((x + 0.5) * picture.width) / width),
      ];
      for (let c = 0; c < channels; c++)
        values[(y * width + x) * channels + c] = picture.values[(sy * picture.width + sx) * channels + c]!;
    }
  return { height, width, channels, values };
}
