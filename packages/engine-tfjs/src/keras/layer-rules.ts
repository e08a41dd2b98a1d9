import { type Json, isObject, shown, Unread } from './unread.js';

/** How a layer of Keras becomes one of TensorFlow.js. */
interface LayerRule {
  /** Of TensorFlow.js, where its name is another. */
  className?: string;
  /** Settings that both have. */
  takes?: readonly string[];
  /** Settings that TensorFlow.js does not have: values of Keras that say what TensorFlow.js does anyway. */
  only?: Readonly<Record<string, readonly unknown[]>>;
  /** Settings that matter in training alone. */
  ignores?: readonly string[];
  /** What becomes of the settings that are taken. */
  becomes?: (config: Json) => Json;
  /** Names in TensorFlow.js of the weights that a layer of these settings has, in the order of Keras. */
  weights?: (config: Json) => string[];
}

const withBias =
  (...kernels: string[]) =>
  ({ use_bias }: Json) =>
    use_bias === false ? kernels : [...kernels, 'bias'];
const last = [undefined, null, 'channels_last'];
const off = [undefined, null, false];
const one = [undefined, 1];

const convolution: LayerRule = {
  takes: ['filters', 'kernel_size', 'strides', 'padding', 'dilation_rate', 'activation', 'use_bias'],
  only: { data_format: last, groups: one },
  weights: withBias('kernel'),
};
const pooling: LayerRule = { takes: ['pool_size', 'strides', 'padding'], only: { data_format: last } };
const globalPooling: LayerRule = { only: { data_format: last, keepdims: off } };
const merging: LayerRule = {};
/** Does nothing once the model is trained. */
const identity: LayerRule = {
  className: 'Activation',
  ignores: ['rate', 'noise_shape', 'stddev', 'l1', 'l2', 'data_format'],
  becomes: () => ({ activation: 'linear' }),
};
const normalized = ({ scale, center }: Json) => [
  ...(scale === false ? [] : ['gamma']),
  ...(center === false ? [] : ['beta']),
];

export const layerRules: Readonly<Record<string, LayerRule | undefined>> = {
  Dense: {
    takes: ['units', 'activation', 'use_bias'],
    only: { quantization_config: off, lora_rank: off },
    weights: withBias('kernel'),
  },
  Conv2D: convolution,
  DepthwiseConv2D: {
    takes: [
      'kernel_size',
      'strides',
      'padding',
      'depth_multiplier',
      'dilation_rate',
      'activation',
      'use_bias',
    ],
    only: { data_format: last, groups: one },
    weights: withBias('depthwise_kernel'),
  },
  SeparableConv2D: {
    ...convolution,
    takes: [...convolution.takes!, 'depth_multiplier'],
    weights: withBias('depthwise_kernel', 'pointwise_kernel'),
  },
  Conv2DTranspose: {
    takes: ['filters', 'kernel_size', 'strides', 'padding', 'activation', 'use_bias'],
    only: {
      data_format: last,
      groups: one,
      output_padding: off,
      dilation_rate: [undefined, 1, '[1,1]'],
    },
    weights: withBias('kernel'),
  },
  BatchNormalization: {
    takes: ['axis', 'epsilon', 'center', 'scale'],
    only: { renorm: off, virtual_batch_size: off },
    ignores: ['momentum', 'synchronized', 'fused', 'renorm_clipping', 'renorm_momentum'],
    becomes: (config) => ({ ...config, axis: Array.isArray(config.axis) ? config.axis[0] : config.axis }),
    weights: (config) => [...normalized(config), 'moving_mean', 'moving_variance'],
  },
  LayerNormalization: {
    takes: ['axis', 'epsilon', 'center', 'scale'],
    only: { rms_scaling: off },
    weights: normalized,
  },
  Activation: { takes: ['activation'] },
  ReLU: {
    takes: ['max_value'],
    only: { negative_slope: [undefined, null, 0], threshold: [undefined, null, 0] },
  },
  LeakyReLU: {
    takes: ['negative_slope', 'alpha'],
    becomes: ({ negative_slope, alpha }) => ({ alpha: negative_slope ?? alpha }),
  },
  PReLU: { takes: ['shared_axes'], weights: () => ['alpha'] },
  ELU: { takes: ['alpha'] },
  Softmax: { takes: ['axis'] },
  MaxPooling2D: pooling,
  AveragePooling2D: pooling,
  GlobalAveragePooling2D: globalPooling,
  GlobalMaxPooling2D: globalPooling,
  Flatten: { only: { data_format: last } },
  Reshape: { takes: ['target_shape'] },
  Permute: { takes: ['dims'] },
  ZeroPadding2D: { takes: ['padding'], only: { data_format: last } },
  Cropping2D: { takes: ['cropping'], only: { data_format: last } },
  // TensorFlow.js interpolates between other places than Keras does.
  UpSampling2D: { takes: ['size'], only: { data_format: last, interpolation: [undefined, 'nearest'] } },
  Rescaling: { takes: ['scale', 'offset'], becomes: numbers },
  Add: merging,
  Multiply: merging,
  Average: merging,
  Maximum: merging,
  Minimum: merging,
  Concatenate: { takes: ['axis'] },
  Dropout: identity,
  SpatialDropout2D: identity,
  GaussianDropout: identity,
  GaussianNoise: identity,
  AlphaDropout: identity,
  ActivityRegularization: identity,
};

/** Those of which TensorFlow.js has the same function. */
const activations = new Set(
  'linear relu relu6 elu selu gelu sigmoid softmax log_softmax softplus softsign tanh swish silu mish'.split(
    ' ',
  ),
);

/** Settings that every layer has, and that say nothing about what a trained one computes. */
const aside = /^(name|trainable|seed|autocast|.*_(initializer|regularizer|constraint))$/;

/**
 * The settings of a layer in TensorFlow.js. A setting that no rule knows is refused: it may change what the layer computes.
 * @param version the generation of Keras that wrote the file
 * @throws Unread
 */
export function layerConfig(
  kind: string,
  config: Json,
  version: number,
): { className: string; config: Json } {
  const rule = layerRules[kind];
  if (!rule) throw new Unread(`TensorFlow.js has no such layer`);
  assertFloat32(config.dtype);
  const { takes = [], only = {}, ignores = [], becomes = (taken) => taken } = rule;
  for (const [name, value] of Object.entries(config)) {
    const neutral = only[name]?.some((each) => each === value || each === JSON.stringify(value));
    if (neutral || takes.includes(name) || ignores.includes(name) || aside.test(name)) continue;
    if (name === 'dtype' || name === 'batch_input_shape' || (name === 'batch_shape' && value === null))
      continue;
    throw new Unread(`"${name}" is ${shown(value)}, which TensorFlow.js does not have`);
  }
  const taken = Object.fromEntries(takes.flatMap((name) => (name in config ? [[name, config[name]]] : [])));
  if ('activation' in taken) taken.activation = activationOf(taken.activation, version);
  return { className: rule.className ?? kind, config: becomes(taken) };
}

function activationOf(value: unknown, version: number): string {
  if (value === null) return 'linear';
  if (typeof value === 'string' && activations.has(value)) return value === 'silu' ? 'swish' : value;
  // Its slope was another before version 3, that of TensorFlow.js.
  if (value === 'hard_sigmoid' && version < 3) return value;
  throw new Unread(`"activation" is ${shown(value)}, which TensorFlow.js does not have`);
}

function numbers(config: Json): Json {
  for (const [name, value] of Object.entries(config))
    if (typeof value !== 'number') throw new Unread(`"${name}" is ${shown(value)}, not a number`);
  return config;
}

/** @throws Unread for a layer that computes in another type */
function assertFloat32(dtype: unknown): void {
  const policy = isObject(dtype) && isObject(dtype.config) ? dtype.config.name : dtype;
  if (policy !== undefined && policy !== null && policy !== 'float32')
    throw new Unread(`it computes in ${shown(policy)}; float32 is read`);
}
