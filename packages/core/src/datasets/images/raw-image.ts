/** Pixels, row by row, `channels` bytes for each: gray or red, green, blue. */
export interface RawImage {
  width: number;
  height: number;
  channels: 1 | 3;
  data: Uint8Array;
}

/** Larger images are refused before memory is given to them. */
export const mostPixels = 100e6;
