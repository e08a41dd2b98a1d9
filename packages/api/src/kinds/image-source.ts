import type { LabelSets } from '../goals/label-sets.js';

export type Pixels = Uint8Array | Float32Array;

/** Images and labels as a reader found them, before selection and scaling. */
export interface ImageSource {
  count: number;
  /** [h, w, c] */
  shape: [number, number, number];
  /** One class index per image; absent for data without labels. */
  labels?: Int32Array;
  /** For multi-label victims: which of several labels are true of each image. */
  labelSets?: LabelSets;
  /** Class names, where the format has them. */
  classNames?: string[];
  /** What the reader found out and the user should know, a sentence each; goes into the report. */
  notes?: readonly string[];
  /** Image i as h·w·c numbers, channels last. uint8 is scaled to the victim's bounds, float32 is taken as it is. */
  pixels(i: number): Pixels | Promise<Pixels>;
}

/** Images that are in memory. */
export interface BlockSource extends ImageSource {
  pixels(i: number): Pixels;
}

/** An ImageSource over one block of memory. */
export function blockSource(
  block: Uint8Array | Float32Array,
  shape: [number, number, number],
  rest: Omit<ImageSource, 'count' | 'shape' | 'pixels'> = {},
): BlockSource {
  const size = shape[0] * shape[1] * shape[2];
  return {
    count: block.length / size,
    shape,
    ...rest,
    pixels: (i) => block.subarray(i * size, (i + 1) * size),
  };
}
