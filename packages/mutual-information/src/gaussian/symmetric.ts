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

/** A⁻¹ from A's Cholesky factor. Both sums run along rows, where columns would take twice as long. */
export function inverse(factor: Float64Array, n: number): Float64Array {
  // L⁻¹, lower triangular.
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let k = 0; k < i; k++) {
      const times = factor[row + k];
      for (let j = 0; j <= k; j++) lower[row + j] -= times * lower[k * n + j];
    }
    for (let j = 0; j < i; j++) lower[row + j] /= factor[row + i];
    lower[row + i] = 1 / factor[row + i];
  }
  // A⁻¹ = L⁻ᵀ L⁻¹
  const out = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i <= k; i++) {
      const times = lower[k * n + i];
      for (let j = 0; j <= i; j++) out[i * n + j] += times * lower[k * n + j];
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) out[j * n + i] = out[i * n + j];
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

/** C = A·B for n×n matrices. Four rows of B at a time: each sum is loaded and stored a quarter as often. */
export function multiply(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  const whole = n - (n % 4);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let k = 0; k < whole; k += 4) {
      const a0 = a[row + k];
      const a1 = a[row + k + 1];
      const a2 = a[row + k + 2];
      const a3 = a[row + k + 3];
      const b0 = k * n;
      const b1 = b0 + n;
      const b2 = b1 + n;
      const b3 = b2 + n;
      for (let j = 0; j < n; j++)
        out[row + j] = out[row + j] + a0 * b[b0 + j] + a1 * b[b1 + j] + a2 * b[b2 + j] + a3 * b[b3 + j];
    }
    for (let k = whole; k < n; k++) {
      const factor = a[row + k];
      for (let j = 0; j < n; j++) out[row + j] += factor * b[k * n + j];
    }
  }
  return out;
}

export function transpose(a: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[j * n + i] = a[i * n + j];
  return out;
}
