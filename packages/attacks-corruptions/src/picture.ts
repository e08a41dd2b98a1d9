/** An image on the host. Corruptions take and give these, and never change the one that they take. */
export interface Picture {
  height: number;
  width: number;
  channels: number;
  /** [height·width·channels] in 0 … 1, where images are; on the way through a corruption anything. */
  values: Float64Array;
}

export const like = ({ height, width, channels }: Picture, values: Float64Array): Picture => ({
  height,
  width,
  channels,
  values,
});

/** Every value by itself. */
export const mapValues = (picture: Picture, of: (value: number, i: number) => number): Picture =>
  like(picture, picture.values.map(of));

export const clipped = (picture: Picture): Picture =>
  mapValues(picture, (value) => Math.min(1, Math.max(0, value)));

/** One channel, filled value by value in reading order. */
export function plane(height: number, width: number, value: (y: number, x: number) => number): Picture {
  const values = new Float64Array(height * width);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) values[y * width + x] = value(y, x);
  return { height, width, channels: 1, values };
}

/** picture + layer, the layer [height,width] added to each channel. */
export function addLayer(picture: Picture, layer: Picture): Picture {
  const { width, channels } = picture;
  return mapValues(picture, (value, i) => {
    const pixel = Math.floor(i / channels);
    return value + layer.values[Math.floor(pixel / width) * layer.width + (pixel % width)]!;
  });
}
