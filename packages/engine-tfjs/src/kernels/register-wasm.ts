import { tf } from '@gauntlet/api';
import { convInputGradient, depthwiseInputGradient } from './conv-input-gradient.js';
import { liesSideBySide, sideBySideMaxPoolGradient } from './max-pool-gradient.js';
import { registerSlice } from './slice.js';

type Kernel = (inputs: Record<string, tf.Tensor>, attrs: Record<string, never>) => tf.Tensor;

function register(kernelName: string, run: Kernel): void {
  if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) =>
      run(inputs as unknown as Record<string, tf.Tensor>, attrs as unknown as Record<string, never>),
  });
}

/**
 * Kernels that the wasm backend lacks or has only in a slow form, as compositions of ones it is fast at.
 * Each is compared with the cpu backend in `kernels.test.ts`.
 */
export function registerWasmKernels(): void {
  // The stock Identity copies, and the tape clones everything it saves. Sharing the memory is what Reshape does.
  tf.unregisterKernel('Identity', 'wasm');
  tf.registerKernel({
    kernelName: 'Identity',
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend }) => {
      const { dataId, shape, dtype } = inputs.x!;
      (backend as tf.DataStorage<unknown> & { incRef(id: object): void }).incRef(dataId);
      return { dataId, shape, dtype };
    },
  });

  registerSlice();
  register('Conv2DBackpropInput', ({ dy, filter }, { inputShape, strides, pad, dimRoundingMode }) =>
    convInputGradient(
      dy as tf.Tensor4D,
      filter as tf.Tensor4D,
      tf.backend_util.computeConv2DInfo(
        inputShape,
        (filter as tf.Tensor4D).shape,
        strides,
        1,
        pad,
        dimRoundingMode,
      ),
    ),
  );

  register(
    'DepthwiseConv2dNativeBackpropInput',
    ({ dy, filter }, { inputShape, strides, pad, dimRoundingMode }) =>
      depthwiseInputGradient(
        dy as tf.Tensor4D,
        filter as tf.Tensor4D,
        tf.backend_util.computeConv2DInfo(
          inputShape,
          (filter as tf.Tensor4D).shape,
          strides,
          1,
          pad,
          dimRoundingMode,
          true,
        ),
      ),
  );

  // The stock kernel starts each window's maximum at zero, so a window of negative numbers gets no gradient. Those
  // are asked about again with 1 / −x in place of x, which is positive and in the same order. It gives the gradient of a
  // tie to the last of the window, other engines to the first; windows side by side, the common ones, do without it.
  const maxPoolGradient = tf.getKernel('MaxPoolGrad', 'wasm')!;
  register('MaxPoolGrad', ({ dy, input, output }, attrs) =>
    tf.tidy(() => {
      const { filterSize, strides, pad, dimRoundingMode } = attrs;
      const { shape } = input as tf.Tensor4D;
      const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
      if (liesSideBySide(info)) return sideBySideMaxPoolGradient(dy, input as tf.Tensor4D, output, info);
      const run = (x: tf.Tensor, upstream: tf.Tensor) =>
        maxPoolGradient.kernelFunc({
          inputs: { dy: upstream, input: x, output },
          attrs,
          backend: tf.backend(),
        }) as tf.TensorInfo;
      const above = tf.cast(tf.greater(output, 0), 'float32');
      const own = tf.engine().makeTensorFromTensorInfo(run(input, tf.mul(dy, above)));
      const flipped = tf.reciprocal(tf.maximum(tf.neg(input), 1e-37));
      const rest = tf.engine().makeTensorFromTensorInfo(run(flipped, tf.mul(dy, tf.sub(1, above))));
      return tf.add(own, rest);
    }),
  );

  // wasm multiplies single matrices that are not to be transposed with XNNPACK, all others in a naive loop.
  // Matrices: transpose first, so that XNNPACK does it. Batches of matrices: never XNNPACK, also for a batch of
  // one, or a sample's result would depend on whether it is alone.
  const multiply = tf.getKernel('BatchMatMul', 'wasm')!;
  register('BatchMatMul', ({ a, b }, { transposeA, transposeB }) => {
    const run = (left: tf.Tensor, right: tf.Tensor, tA: boolean, tB: boolean) =>
      multiply.kernelFunc({
        inputs: { a: left, b: right },
        attrs: { transposeA: tA, transposeB: tB },
        backend: tf.backend(),
      }) as tf.Tensor;
    const flipped: tf.Tensor[] = [];
    const flip = (x: tf.Tensor) => {
      const swapped = tf.transpose(x, x.rank === 2 ? [1, 0] : [0, 2, 1]);
      flipped.push(swapped);
      return swapped;
    };
    try {
      if (a.rank === 2) return run(transposeA ? flip(a) : a, transposeB ? flip(b) : b, false, false);
      const loop = transposeA || transposeB || a.rank !== 3 || a.shape[0] !== 1 || b.shape[0] !== 1;
      return loop ? run(a, b, transposeA, transposeB) : run(a, flip(b), false, true);
    } finally {
      tf.dispose(flipped);
    }
  });
}
