import * as ort from 'onnxruntime-node';

/** Rows of a batch, in a tensor of their own. */
export function rowsOf({ data, dims }: ort.Tensor, rows: readonly number[]): ort.Tensor {
  const values = data as Float32Array;
  const width = values.length / dims[0];
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, i) => picked.set(values.subarray(row * width, (row + 1) * width), i * width));
  return new ort.Tensor('float32', picked, [rows.length, ...dims.slice(1)]);
}

/**
 * A single sample is computed as two: for a batch of one ONNX Runtime sums in another order, and what a sample gives must
 * not depend on the batch it is in.
 */
export const neverAlone = (tensor: ort.Tensor): ort.Tensor =>
  tensor.dims[0] === 1 ? rowsOf(tensor, [0, 0]) : tensor;
