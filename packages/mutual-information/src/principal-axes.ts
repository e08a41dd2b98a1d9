/**
 * The directions in which rows [count × width] with column means 0 vary most, as rows, the widest first: eigenvectors of
 * their covariance by Jacobi's cyclic rotations (Golub and Van Loan, "Matrix Computations", algorithm 8.5.3).
 */
export function principalAxes(rows: Float64Array, width: number, components: number): Float64Array {
  const matrix = new Float64Array(width * width);
  for (let at = 0; at < rows.length; at += width)
    for (let i = 0; i < width; i++)
      for (let j = 0; j < width; j++) matrix[i * width + j] += rows[at + i] * rows[at + j];
  const vectors = new Float64Array(width * width);
  for (let i = 0; i < width; i++) vectors[i * width + i] = 1;
  let trace = 0;
  for (let i = 0; i < width; i++) trace += matrix[i * width + i];
  for (let sweep = 0; sweep < 30 && offDiagonal(matrix, width) > 1e-12 * trace; sweep++)
    for (let p = 0; p < width; p++) for (let q = p + 1; q < width; q++) rotate(matrix, vectors, width, p, q);
  const order = [...Array(width).keys()].sort((a, b) => matrix[b * width + b] - matrix[a * width + a]);
  const axes = new Float64Array(components * width);
  order.slice(0, components).forEach((column, a) => {
    for (let i = 0; i < width; i++) axes[a * width + i] = vectors[i * width + column];
  });
  return axes;
}

function offDiagonal(matrix: Float64Array, n: number): number {
  let largest = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) largest = Math.max(largest, Math.abs(matrix[i * n + j]));
  return largest;
}

/** A ← JᵀAJ, V ← VJ with the rotation in the plane (p, q) that makes A_pq zero. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const cross = a[p * n + q];
  if (cross === 0) return;
  const tau = (a[q * n + q] - a[p * n + p]) / (2 * cross);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = t * c;
  for (let i = 0; i < n; i++) turn(a, i * n + p, i * n + q, c, s);
  for (let i = 0; i < n; i++) turn(a, p * n + i, q * n + i, c, s);
  for (let i = 0; i < n; i++) turn(v, i * n + p, i * n + q, c, s);
}

function turn(values: Float64Array, p: number, q: number, c: number, s: number): void {
  const [x, y] = [values[p], values[q]];
  values[p] = c * x - s * y;
  values[q] = s * x + c * y;
}
