import { tf } from '@gauntlet/api';
import { registerAveragePoolGradient } from './pooling-gradients.js';
import { registerResizeGradients } from './resize-gradients.js';
import { dilateFilter } from './stretch.js';

type Pad = 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
interface ConvAttrs {
  strides: [number, number];
  pad: Pad;
  dilations: number | [number, number];
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

const pair = (value: number | [number, number]): [number, number] =>
  typeof value === 'number' ? [value, value] : value;

/**
 * Corrects gradients that the stock definitions get wrong (see the files of pooling and resizing), and adds input
 * gradients for dilated convolutions, which TensorFlow.js refuses to differentiate. Only the victim's
 * input is ever differentiated (weights are constants), so the filter's gradient is not offered for them.
 */
export function registerGradients(): void {
  registerAveragePoolGradient();
  registerResizeGradients();
  const stock = tf.getGradient('Conv2D');
  tf.registerGradient({
    ...stock,
    gradFunc: (dy, saved, attrs) => {
      const { strides, pad, dilations, dimRoundingMode } = attrs as unknown as ConvAttrs;
      const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
      const dilation = pair(dilations);
      if (dilation[0] === 1 && dilation[1] === 1) return stock.gradFunc(dy, saved, attrs);
      return {
        x: () => {
          const shape = x.shape;
          const explicit = explicitPad(shape, filter.shape, strides, dilation, pad, dimRoundingMode, false);
          return inputGradient('Conv2DBackpropInput', dy as tf.Tensor, dilateFilter(filter, dilation), {
            inputShape: shape,
            strides,
            pad: explicit,
            dimRoundingMode,
            dataFormat: 'NHWC',
          });
        },
      };
    },
  });

  const stockDepthwise = tf.getGradient('DepthwiseConv2dNative');
  tf.registerGradient({
    ...stockDepthwise,
    gradFunc: (dy, saved, attrs) => {
      const { strides, pad, dilations, dimRoundingMode } = attrs as unknown as ConvAttrs;
      const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
      const dilation = pair(dilations ?? 1);
      return {
        ...(dilation[0] === 1 && dilation[1] === 1 ? stockDepthwise.gradFunc(dy, saved, attrs) : {}),
        x: () => {
          const explicit = explicitPad(x.shape, filter.shape, strides, dilation, pad, dimRoundingMode, true);
          return inputGradient(
            'DepthwiseConv2dNativeBackpropInput',
            dy as tf.Tensor,
            dilateFilter(filter, dilation),
            {
              inputShape: x.shape,
              strides,
              pad: explicit,
              dimRoundingMode,
              dilations: 1,
            },
          );
        },
      };
    },
  });
}

/** 'same' and 'valid' depend on the filter's size; a dilated filter keeps the original's padding this way. */
function explicitPad(
  xShape: tf.Tensor4D['shape'],
  filterShape: tf.Tensor4D['shape'],
  strides: [number, number],
  dilations: [number, number],
  pad: Pad,
  rounding: ConvAttrs['dimRoundingMode'],
  depthwise: boolean,
): tf.backend_util.ExplicitPadding {
  const { padInfo } = tf.backend_util.computeConv2DInfo(
    xShape,
    filterShape,
    strides,
    dilations,
    pad,
    rounding,
    depthwise,
  );
  return [
    [0, 0],
    [padInfo.top, padInfo.bottom],
    [padInfo.left, padInfo.right],
    [0, 0],
  ];
}

function inputGradient(kernel: string, dy: tf.Tensor, filter: tf.Tensor4D, attrs: object): tf.Tensor {
  return tf.engine().runKernel(kernel, { dy, filter }, attrs as never);
}
