/** Dense symmetric positive definite matrices, row-major in Float64Array(n·n). */

/** Lower Cholesky factor of A (only its lower triangle is read), in place. Throws if A is not positive definite. */
export function cholesky(a: Float64Array, n: number): Float64Array {
  for (let j = 0; j < n; j++) {
    const rowJ = j * n;
    let diagonal = a[rowJ + j];
    for (let k = 0; k < j; k++) diagonal -= a[rowJ + k] ** 2;
    if (!(diagonal > 0)) throw new RangeError(`matrix is not positive definite (pivot ${j}: ${diagonal})`);
    const pivot = Math.sqrt(diagonal);
    a[rowJ + j] = pivot;
    for (let i = j + 1; i < n; i++) {
      const rowI = i * n;
      let sum = a[rowI + j];
      for (let k = 0; k < j; k++) sum -= a[rowI + k] * a[rowJ + k];
      a[rowI + j] = sum / pivot;
    }
  }
  return a;
}

/** log det A from its Cholesky factor. */
export function logDeterminant(factor: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(factor[i * n + i]);
  return 2 * sum;
}

/** A⁻¹ from A's Cholesky factor. */
export function inverse(factor: Float64Array, n: number): Float64Array {
  // L⁻¹, lower triangular.
  const lower = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    lower[j * n + j] = 1 / factor[j * n + j];
    for (let i = j + 1; i < n; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum -= factor[i * n + k] * lower[k * n + j];
      lower[i * n + j] = sum / factor[i * n + i];
    }
  }
  // A⁻¹ = L⁻ᵀ L⁻¹
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < n; k++) sum += lower[k * n + i] * lower[k * n + j];
      out[i * n + j] = sum;
      out[j * n + i] = sum;
    }
  }
  return out;
}

/** L⁻¹ B from a lower triangular L. */
export function solveLower(factor: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) {
      const times = factor[i * n + k];
      for (let j = 0; j < n; j++) out[i * n + j] -= times * out[k * n + j];
    }
    for (let j = 0; j < n; j++) out[i * n + j] /= factor[i * n + i];
  }
  return out;
}

/** A − XᵀX in place, of which the lower triangle is computed. */
export function subtractSquare(a: Float64Array, x: Float64Array, n: number): void {
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      const times = x[k * n + i];
      for (let j = 0; j <= i; j++) a[i * n + j] -= times * x[k * n + j];
    }
  }
}

/** C = A·B for n×n matrices. */
export function multiply(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k];
      for (let j = 0; j < n; j++) out[i * n + j] += factor * b[k * n + j];
    }
  }
  return out;
}

export function transpose(a: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[j * n + i] = a[i * n + j];
  return out;
}
