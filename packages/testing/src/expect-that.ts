import assert from 'node:assert/strict';

/** Fails with this sentence alone: runners print no dump of values beside it, as they do for a comparison. */
export function expectThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) assert.fail(otherwise);
}

/** The first of n samples of which two batches of images differ, or -1. */
export function firstDifferent(a: Float32Array, b: Float32Array, n: number): number {
  const size = b.length / n;
  return Array.from({ length: n }, (_, i) => i).findIndex((i) => {
    for (let k = i * size; k < (i + 1) * size; k++) if (!Object.is(a[k], b[k])) return true;
    return false;
  });
}
