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
  const [mx, my, squares, product] = [space(), space(), space(), space()];
  return Float64Array.from({ length: a.length / size }, (_, i) => {
    let sum = 0;
    for (let channel = 0; channel < c; channel++) {
      for (let p = 0, at = i * size + channel; p < h * w; p++, at += c) {
        x[p] = a[at];
        y[p] = b[at];
      }
      windows(x, h, w, rows, mx);
      windows(y, h, w, rows, my);
      // Both variances are needed in their sum alone.
      for (let p = 0; p < pixelwise.length; p++) pixelwise[p] = x[p] * x[p] + y[p] * y[p];
      windows(pixelwise, h, w, rows, squares);
      for (let p = 0; p < pixelwise.length; p++) pixelwise[p] = x[p] * y[p];
      windows(pixelwise, h, w, rows, product);
      for (let p = 0; p < mx.length; p++) {
        const ofMeans = mx[p] * mx[p] + my[p] * my[p];
        const meanProduct = mx[p] * my[p];
        sum +=
          ((2 * meanProduct + c1) * (2 * (product[p] - meanProduct) + c2)) /
          ((ofMeans + c1) * (squares[p] - ofMeans + c2));
      }
    }
    return sum / (mx.length * c);
  });
}

/** Weighted means over all windows of a plane [h × w], along the rows and then down the columns. */
function windows(plane: Float64Array, h: number, w: number, rows: Float64Array, out: Float64Array): void {
  const width = w - side + 1;
  for (let row = 0; row < h; row++) means(plane, row * w, 1, rows, row * width, width);
  means(rows, 0, width, out, 0, out.length);
}

/** `count` weighted means of eleven values that lie `step` apart. Written out, since it takes half the time of a loop. */
function means(
  x: Float64Array,
  start: number,
  step: number,
  out: Float64Array,
  from: number,
  count: number,
): void {
  const [w0, w1, w2, w3, w4, w5] = weights;
  for (let i = 0, at = start; i < count; i++, at++)
    out[from + i] =
      w5 * x[at + 5 * step] +
      w0 * (x[at] + x[at + 10 * step]) +
      w1 * (x[at + step] + x[at + 9 * step]) +
      w2 * (x[at + 2 * step] + x[at + 8 * step]) +
      w3 * (x[at + 3 * step] + x[at + 7 * step]) +
      w4 * (x[at + 4 * step] + x[at + 6 * step]);
}
