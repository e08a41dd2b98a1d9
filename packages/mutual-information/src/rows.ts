import * as ort from 'onnxruntime-node';

/** Rows of a batch, in a tensor of their own. */
export const rowsOf = (tensor: ort.Tensor, rows: readonly number[]): ort.Tensor =>
  rowsOfGroups([tensor], Infinity, rows);

/** The same of a batch in groups of so many rows. */
export function rowsOfGroups(
  groups: readonly ort.Tensor[],
  size: number,
  rows: readonly number[],
): ort.Tensor {
  const [{ data, dims }] = groups;
  const width = data.length / dims[0];
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    const values = groups[Math.floor(row / size)].data as Float32Array;
    const from = (size === Infinity ? row : row % size) * width;
    picked.set(values.subarray(from, from + width), i * width);
  });
  return new ort.Tensor('float32', picked, [rows.length, ...dims.slice(1)]);
}

/**
 * A single sample is computed as two: for a batch of one ONNX Runtime sums in another order, and what a sample gives must
 * not depend on the batch it is in.
 */
export const neverAlone = (tensor: ort.Tensor): ort.Tensor =>
  tensor.dims[0] === 1 ? rowsOf(tensor, [0, 0]) : tensor;
