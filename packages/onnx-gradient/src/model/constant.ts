import { OnnxGradientError } from '../errors.js';
import { elementSize, type ElementType } from './element-types.js';

/** A tensor that is part of the model: type, dimensions and little-endian bytes. */
export interface Constant {
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** Read on demand where the bytes live in a file of their own. */
  bytes(): Uint8Array;
}

export const sizeOf = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

export function constantOf(type: ElementType, dims: readonly number[], bytes: Uint8Array): Constant {
  return { type, dims, bytes: () => bytes };
}

/** Encodes numbers as a constant of any type (float16 is rounded to nearest). */
export function constantFrom(
  type: ElementType,
  dims: readonly number[],
  values: ArrayLike<number>,
): Constant {
  const count = sizeOf(dims);
  if (type === 'float32') return constantOf(type, dims, bytesOf(Float32Array.from(values)));
  const bytes = new Uint8Array(count * elementSize(type));
  const view = new DataView(bytes.buffer);
  const write = writers[type];
  for (let i = 0; i < count; i++) write(view, i, values[i]);
  return constantOf(type, dims, bytes);
}

export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Decodes a constant's elements as numbers. 64-bit integers beyond 2⁵³ are an error. */
export function numbersOf(constant: Constant): ArrayLike<number> {
  const bytes = constant.bytes();
  const { type } = constant;
  const count = sizeOf(constant.dims);
  if (type === 'float32') {
    // A Buffer's own slice would be a view.
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
    return new Float32Array(aligned.buffer, aligned.byteOffset, count);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readers[type];
  return Float64Array.from({ length: count }, (_, i) => read(view, i));
}

const safe = (value: bigint): number => {
  const number = Number(value);
  // The largest and smallest 64-bit integers mean "to the end" in Slice.
  if (Number.isSafeInteger(number) || number >= 2 ** 62 || number <= -(2 ** 62)) return number;
  throw new OnnxGradientError('model-format', `The integer ${value} is too large to be used as a size.`);
};
const clampInt64 = (value: number): bigint =>
  value >= 2 ** 63 ? 2n ** 63n - 1n : value <= -(2 ** 63) ? -(2n ** 63n) : BigInt(Math.trunc(value));

const readers: Record<ElementType, (view: DataView, i: number) => number> = {
  float32: (view, i) => view.getFloat32(4 * i, true),
  float64: (view, i) => view.getFloat64(8 * i, true),
  float16: (view, i) => halfToNumber(view.getUint16(2 * i, true)),
  bfloat16: (view, i) => {
    const wide = new DataView(new ArrayBuffer(4));
    wide.setUint16(2, view.getUint16(2 * i, true), true);
    return wide.getFloat32(0, true);
  },
  int8: (view, i) => view.getInt8(i),
  uint8: (view, i) => view.getUint8(i),
  bool: (view, i) => view.getUint8(i),
  int16: (view, i) => view.getInt16(2 * i, true),
  uint16: (view, i) => view.getUint16(2 * i, true),
  int32: (view, i) => view.getInt32(4 * i, true),
  uint32: (view, i) => view.getUint32(4 * i, true),
  int64: (view, i) => safe(view.getBigInt64(8 * i, true)),
  uint64: (view, i) => safe(view.getBigUint64(8 * i, true)),
};

const writers: Record<ElementType, (view: DataView, i: number, value: number) => void> = {
  float32: (view, i, value) => view.setFloat32(4 * i, value, true),
  float64: (view, i, value) => view.setFloat64(8 * i, value, true),
  float16: (view, i, value) => view.setUint16(2 * i, numberToHalf(value), true),
  bfloat16: (view, i, value) => {
    const wide = new DataView(new ArrayBuffer(4));
    wide.setFloat32(0, value, true);
    view.setUint16(2 * i, wide.getUint16(2, true), true);
  },
  int8: (view, i, value) => view.setInt8(i, value),
  uint8: (view, i, value) => view.setUint8(i, value),
  bool: (view, i, value) => view.setUint8(i, value === 0 ? 0 : 1),
  int16: (view, i, value) => view.setInt16(2 * i, value, true),
  uint16: (view, i, value) => view.setUint16(2 * i, value, true),
  int32: (view, i, value) => view.setInt32(4 * i, value, true),
  uint32: (view, i, value) => view.setUint32(4 * i, value, true),
  int64: (view, i, value) => view.setBigInt64(8 * i, clampInt64(value), true),
  uint64: (view, i, value) => view.setBigUint64(8 * i, BigInt(Math.trunc(value)), true),
};

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function numberToHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  // Steps of the half-precision grid around this size.
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 1e-30)));
  const step = 2 ** (exponent - 10);
  const steps = roundToEven(size / step);
  return sign | (exponent === -14 ? steps : ((exponent + 14) << 10) + steps);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
