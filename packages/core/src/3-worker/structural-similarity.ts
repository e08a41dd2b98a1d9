// Wang, Bovik, Sheikh, Simoncelli, "Image Quality Assessment: From Error Visibility to Structural Similarity", IEEE
// Transactions on Image Processing 13 (2004), equation 13, with the windows and constants of section III-B:
//   SSIM = (2 μ_x μ_y + C₁)(2 σ_xy + C₂) / ((μ_x² + μ_y² + C₁)(σ_x² + σ_y² + C₂)),  C = (K · range)²
// in each Gaussian window that lies in the image whole, averaged over windows and channels.
const side = 11;
const middle = side >> 1;
const [sigma, k1, k2] = [1.5, 0.01, 0.03];

const weights = (() => {
  const raw = Float64Array.from({ length: side }, (_, i) => Math.exp(-(((i - middle) / sigma) ** 2) / 2));
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((value) => value / sum);
})();

/**
 * SSIM of each of n images of shape [h,w,c] with another, from −1 to 1; 1 only for the same image. Undefined for images
 * that no window fits in: below 11 pixels on a side.
 */
export function structuralSimilarity(
  a: Float32Array,
  b: Float32Array,
  [h, w, c]: readonly [number, number, number],
  [low, high]: readonly [number, number],
): Float64Array | undefined {
  if (h < side || w < side) return undefined;
  const size = h * w * c;
  const [c1, c2] = [k1, k2].map((k) => (k * (high - low)) ** 2);
  const x = new Float64Array(h * w);
  const y = new Float64Array(h * w);
  const pixelwise = new Float64Array(h * w);
  const rows = new Float64Array(h * (w - side + 1));
  const space = () => new Float64Array((h - side + 1) * (w - side + 1));
  const [mx, my, xx, yy, xy] = [space(), space(), space(), space(), space()];
  return Float64Array.from({ length: a.length / size }, (_, i) => {
    let sum = 0;
    for (let channel = 0; channel < c; channel++) {
      for (let p = 0, at = i * size + channel; p < h * w; p++, at += c) {
        x[p] = a[at];
        y[p] = b[at];
      }
      const meanOfProduct = (one: Float64Array, other: Float64Array, to: Float64Array) => {
        for (let p = 0; p < pixelwise.length; p++) pixelwise[p] = one[p] * other[p];
        windows(pixelwise, h, w, rows, to);
      };
      windows(x, h, w, rows, mx);
      windows(y, h, w, rows, my);
      meanOfProduct(x, x, xx);
      meanOfProduct(y, y, yy);
      meanOfProduct(x, y, xy);
      for (let p = 0; p < mx.length; p++) {
        const squares = mx[p] * mx[p] + my[p] * my[p];
        const product = mx[p] * my[p];
        sum +=
          ((2 * product + c1) * (2 * (xy[p] - product) + c2)) /
          ((squares + c1) * (xx[p] + yy[p] - squares + c2));
      }
    }
    return sum / (mx.length * c);
  });
}

/** Weighted means over all windows of a plane [h × w], along the rows and then down the columns. */
function windows(plane: Float64Array, h: number, w: number, rows: Float64Array, out: Float64Array): void {
  const width = w - side + 1;
  for (let row = 0; row < h; row++) {
    for (let column = 0; column < width; column++) {
      const at = row * w + column;
      let sum = weights[middle] * plane[at + middle];
      for (let k = 0; k < middle; k++) sum += weights[k] * (plane[at + k] + plane[at + side - 1 - k]);
      rows[row * width + column] = sum;
    }
  }
  for (let at = 0; at < out.length; at++) {
    let sum = weights[middle] * rows[at + middle * width];
    for (let k = 0; k < middle; k++)
      sum += weights[k] * (rows[at + k * width] + rows[at + (side - 1 - k) * width]);
    out[at] = sum;
  }
}
