import { tf } from '@gauntlet/api';

/**
 * The one kernel that training a convolution needs and wasm lacks: the filter's gradient, as a forward
 * convolution of the input with the output's gradient (batch and channels trade places).
 */
export function registerFilterGradient(): void {
  if (tf.getKernel('Conv2DBackpropFilter', 'wasm')) return;
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
      const { strides, pad, dimRoundingMode, filterShape } = attrs as unknown as {
        strides: [number, number];
        pad: 'valid' | 'same' | number;
        dimRoundingMode?: 'floor' | 'round' | 'ceil';
        filterShape: [number, number, number, number];
      };
      const { padInfo } = tf.backend_util.computeConv2DInfo(
        x.shape,
        filterShape,
        strides,
        1,
        pad,
        dimRoundingMode,
      );
      return tf.tidy(() => {
        const images = tf.transpose(x, [3, 1, 2, 0]);
        const kernel = tf.transpose(dy, [1, 2, 0, 3]);
        const sides: tf.backend_util.ExplicitPadding = [
          [0, 0],
          [padInfo.top, padInfo.bottom],
          [padInfo.left, padInfo.right],
          [0, 0],
        ];
        const gradient = tf.conv2d(images, kernel, 1, sides, 'NHWC', strides);
        const [height, width, , filters] = filterShape;
        const exact = tf.slice(gradient, [0, 0, 0, 0], [x.shape[3], height, width, filters]);
        return tf.transpose(exact, [1, 2, 0, 3]);
      });
    },
  });
}
