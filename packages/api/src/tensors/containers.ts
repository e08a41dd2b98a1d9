import { tf } from '../tf.js';

export const isTensor = (value: unknown): value is tf.Tensor => value instanceof tf.Tensor;

/** A copy of a value in which every tensor is replaced. Looks into plain objects and arrays; all else stays as it is. */
export function mapTensors<T>(value: T, replace: (tensor: tf.Tensor) => tf.Tensor): T {
  const map = (part: unknown): unknown => {
    if (isTensor(part)) return replace(part);
    if (Array.isArray(part)) return part.map(map);
    if (isPlain(part)) return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, map(one)]));
    return part;
  };
  return map(value) as T;
}

/** Every tensor in a value, as `mapTensors` finds them. */
export function tensorsIn(value: unknown): tf.Tensor[] {
  if (isTensor(value)) return [value];
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  return isPlain(value) ? Object.values(value).flatMap(tensorsIn) : [];
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
