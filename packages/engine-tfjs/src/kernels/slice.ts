import { tf } from '@gauntlet/api';

/** What the wasm backend has beside the interface of all backends. */
interface WasmMemory extends tf.KernelBackend {
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
  typedArrayFromHeap(x: tf.TensorInfo): Float32Array | Int32Array | Uint8Array;
}

/**
 * Slices whose numbers lie side by side, as those of rows do. The stock kernel copies the whole tensor out of
 * WebAssembly's memory for each slice.
 */
export function registerSlice(): void {
  const stock = tf.getKernel('Slice', 'wasm')!;
  tf.unregisterKernel('Slice', 'wasm');
  tf.registerKernel({
    ...stock,
    kernelFunc: (call) => {
      const x = call.inputs.x!;
      const { begin, size } = call.attrs as unknown as { begin: number | number[]; size: number | number[] };
      const [from, shape] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size);
      if (x.dtype === 'string' || !tf.slice_util.isSliceContinous(x.shape, from, shape))
        return stock.kernelFunc(call);
      const memory = call.backend as WasmMemory;
      const out = memory.makeOutput(shape, x.dtype);
      const start = tf.slice_util.computeFlatOffset(from, tf.util.computeStrides(x.shape));
      const length = tf.util.sizeFromShape(shape);
      // Making the output may have moved the memory: it is looked up after that.
      memory.typedArrayFromHeap(out).set(memory.typedArrayFromHeap(x).subarray(start, start + length));
      return out;
    },
  });
}
