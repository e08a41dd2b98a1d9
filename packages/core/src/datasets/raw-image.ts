/** An image as a decoder gives it. */
export interface RawImage {
  width: number;
  height: number;
  /** Row by row, `channels` numbers for each pixel. */
  data: ArrayLike<number>;
  channels: number;
  gray: boolean;
}

/** Larger images are refused before memory is given to them. */
export const mostPixels = 100e6;
