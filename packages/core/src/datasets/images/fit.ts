import type { RawImage } from './raw-image.js';
import { type Interpolation, resample } from './resample.js';

/** Named and meant as in torchvision's transforms. */
export interface Fitting {
  channels?: 1 | 3;
  /** The shorter side, or [height, width]. */
  resize?: number | readonly [number, number];
  interpolation?: Interpolation;
  /** A square's side, or [height, width]. */
  centerCrop?: number | readonly [number, number];
}

/** Grayscale or RGB, then Resize, then CenterCrop. @throws Error where the crop is larger than the image */
export function fit(image: RawImage, { channels, resize, interpolation, centerCrop }: Fitting): RawImage {
  let fitted = inChannels(image, channels ?? image.channels);
  if (resize !== undefined) {
    const [height, width] = typeof resize === 'number' ? keepingShape(fitted, resize) : resize;
    fitted = resample(fitted, width, height, interpolation ?? 'bilinear');
  }
  return centerCrop === undefined ? fitted : cropped(fitted, centerCrop);
}

function keepingShape({ width, height }: RawImage, shorter: number): [number, number] {
  const longer = Math.trunc((shorter * Math.max(width, height)) / Math.min(width, height));
  return width <= height ? [longer, shorter] : [shorter, longer];
}

/** Gray to colour by repetition, colour to gray by ITU-R BT.601 luma in 16-bit fixed point, as Pillow. */
function inChannels({ width, height, channels, data }: RawImage, wanted: 1 | 3): RawImage {
  if (channels === wanted) return { width, height, channels, data };
  const pixels = new Uint8Array(width * height * wanted);
  for (let i = 0; i < width * height; i++) {
    if (wanted === 3) pixels.fill(data[i], 3 * i, 3 * i + 3);
    else pixels[i] = (19595 * data[3 * i] + 38470 * data[3 * i + 1] + 7471 * data[3 * i + 2] + 0x8000) >> 16;
  }
  return { width, height, channels: wanted, data: pixels };
}

function cropped(image: RawImage, size: number | readonly [number, number]): RawImage {
  const { channels, data } = image;
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  if (height > image.height || width > image.width)
    throw new Error(
      `centerCrop takes ${height} × ${width} pixels, and it has ${image.height} × ${image.width}`,
    );
  const [top, left] = [middle(image.height - height), middle(image.width - width)];
  const out = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * channels;
    out.set(data.subarray(from, from + width * channels), y * width * channels);
  }
  return { width, height, channels, data: out };
}

/** Half of it, a half rounded to even, as Python does. */
function middle(rest: number): number {
  const half = Math.floor(rest / 2);
  return rest % 2 === 1 && half % 2 === 1 ? half + 1 : half;
}
