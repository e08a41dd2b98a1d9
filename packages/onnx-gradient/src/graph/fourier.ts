import { positive } from '../shapes/dims.js';
import type { Decomposition } from './decomposition.js';

/** A longer transform would be a matrix of more than 2048 × 2 × 2048 × 2 numbers. */
const longest = 2048;

interface Transform {
  /** Numbers that go in, and the length they are cut or padded to. */
  given: number;
  length: number;
  /** Numbers that come out: all, or those up to the middle, of which the rest are the conjugates. */
  wanted: number;
  parts: number;
  inverse: boolean;
  /** The rest of what goes in are its conjugates, and what comes out is real. */
  toReal: boolean;
}

/** y_k = Σ_j x_j exp(∓2πi jk / n), over n where inverse, as a real matrix: rows (j, part), columns (k, part). */
function matrixOf({ given, length, wanted, parts, inverse, toReal }: Transform): Float64Array {
  const made = toReal ? 1 : 2;
  const columns = wanted * made;
  const matrix = new Float64Array(given * parts * columns);
  const [sign, scale] = inverse ? [1, 1 / length] : [-1, 1];
  const half = length / 2;
  for (let j = 0; j < Math.min(given, length); j++) {
    const twice = toReal && j > 0 && j !== half ? 2 : 1;
    for (let k = 0; k < wanted; k++) {
      const angle = (sign * 2 * Math.PI * ((j * k) % length)) / length;
      const [real, imaginary] = [twice * scale * Math.cos(angle), twice * scale * Math.sin(angle)];
      const put = (part: number, column: number, value: number) =>
        (matrix[(j * parts + part) * columns + k * made + column] = value);
      put(0, 0, real);
      if (!toReal) put(0, 1, imaginary);
      if (parts === 2) put(1, 0, -imaginary);
      if (parts === 2 && !toReal) put(1, 1, real);
    }
  }
  return matrix;
}

/** The discrete Fourier transform of a known length along one axis, as the product with a matrix. */
export const fourier: Decomposition = (g, node, c) => {
  const { attributes } = node;
  const [x, lengthName, axisName] = node.inputs;
  const [dims, type] = [c.dims(x), c.type(x)];
  const stated = axisName ? c.integers(axisName)?.[0] : attributes.int('axis', c.opset < 20 ? 1 : -2);
  if (!dims || !type || stated === undefined) return undefined;
  const axis = positive(stated, dims.length);
  const [given, parts] = [dims[axis], dims[dims.length - 1]];
  const onesided = attributes.int('onesided', 0) === 1;
  const inverse = attributes.int('inverse', 0) === 1;
  if (typeof given !== 'number' || (parts !== 1 && parts !== 2)) return undefined;
  const toReal = inverse && onesided;
  const length = lengthName ? c.integers(lengthName)?.[0] : toReal ? 2 * (given - 1) : given;
  if (length === undefined || length < 1 || length > longest || given > longest) return undefined;
  const wanted = onesided && !inverse ? Math.floor(length / 2) + 1 : length;
  const made = toReal ? 1 : 2;
  const matrix = matrixOf({ given, length, wanted, parts, inverse, toReal });
  const last = dims.length - 2;
  const perm = dims.map((_, i) => i);
  [perm[axis], perm[last]] = [last, axis];
  const kept = Array<number>(last).fill(0);
  const rows = g.op('Reshape', [axis === last ? x : g.transpose(x, perm), g.ints([...kept, given * parts])]);
  const product = g.op('MatMul', [rows, g.filled(type, [given * parts, wanted * made], matrix)]);
  const whole = g.op('Reshape', [product, g.ints([...kept, wanted, made])]);
  return [axis === last ? whole : g.transpose(whole, perm)];
};

/** The transform of each frame of a signal [n, samples, 1 or 2]: a convolution whose filters are the windowed waves. */
export const shortTimeFourier: Decomposition = (g, node, c) => {
  const [signal, stepName, window, frameName] = node.inputs;
  const type = c.type(signal);
  const parts = c.dims(signal)?.[2];
  const step = c.integers(stepName)?.[0];
  const length = window ? c.dims(window)?.[0] : c.integers(frameName ?? '')?.[0];
  if (!type || !step || typeof length !== 'number' || length > longest || (parts !== 1 && parts !== 2))
    return undefined;
  const wanted = node.attributes.int('onesided', 1) === 1 ? Math.floor(length / 2) + 1 : length;
  const whole = { given: length, length, wanted, parts, inverse: false, toReal: false };
  // [(sample, part), (frequency, part)] as filters [frequency and part, part, sample].
  const matrix = g.filled(type, [length, parts, 2 * wanted], matrixOf(whole));
  const waves = g.transpose(matrix, [2, 1, 0]);
  const filters = window ? g.mul(waves, window) : waves;
  const frames = g.op('Conv', [g.transpose(signal, [0, 2, 1]), filters], { strides: [step] });
  return [g.op('Reshape', [g.transpose(frames, [0, 2, 1]), g.ints([0, 0, wanted, 2])])];
};
