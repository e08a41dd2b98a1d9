import { modelKinds } from '@gauntlet/api';
import { httpParams } from '../victims/http/params.js';
import { limit } from './limit-schema.js';
import { options, text } from './schema-options.js';

const factor = { anyOf: [{ type: 'number' }, { type: 'array', items: { type: 'number' }, minItems: 1 }] };

const worstCase = options(
  {
    kind: { const: 'corruption', description: 'Attacks whose threat model is a family of corruptions' },
    norm: {
      enum: ['linf', 'l2', 'l1', 'none'],
      description: 'Whose attacks count, where those of the spec differ in their threat model',
    },
    epsilon: { type: 'number', minimum: 0, description: 'The same' },
    robustAccuracy: limit('Share classified correctly before and under every attack'),
    asr: limit('Share that some attack breaks, among those attacked'),
  },
  [],
  { anyOf: [{ required: ['robustAccuracy'] }, { required: ['asr'] }] },
);

/** A victim of a spec. */
export const victim = options(
  {
    name: text(
      'How reports and baselines call it; as the spec is called by default, among several victims as its file',
    ),
    model: text(
      'Model: an .onnx file, a tfjs folder or model.json, a .keras or .h5 file of Keras, or a file of an installed package. Relative to this spec',
    ),
    use: text('Instead of a model file, a model in code: a victim plugin, package#name or ./path'),
    params: { type: 'object', description: 'Parameters of the victim plugin' },
    http: httpParams,
    kind: { enum: modelKinds, description: 'What the model is' },
    bounds: {
      type: 'array',
      items: { type: 'number' },
      minItems: 2,
      maxItems: 2,
      description:
        'Smallest and largest value of an input; 8-bit images are scaled to it, epsilon is in its units',
    },
    engine: {
      anyOf: [
        { type: 'string', minLength: 1 },
        options(
          {
            use: text('A built-in name, a package, package#name or ./path'),
            device: text('What it computes on; the first of its devices by default'),
            params: { type: 'object', default: {}, description: 'Options of the engine' },
          },
          ['use'],
        ),
      ],
      default: 'auto',
      description:
        'What computes the model: a built-in engine, a package, package#name or ./path, each with :device at the end if wanted',
    },
    output: {
      anyOf: [
        { enum: ['auto', 'logits', 'probabilities'] },
        { type: 'string', minLength: 1 },
        options(
          {
            name: text('Which output of an ONNX file that has several'),
            is: { enum: ['auto', 'logits', 'probabilities', 'labels'], default: 'auto' },
            classes: { type: 'integer', minimum: 2, description: 'How many, where it gives labels' },
          },
          [],
        ),
      ],
      default: 'auto',
      description:
        'What a classifier returns, by default what the graph and a probe batch show; or the name of the output of several that is meant',
    },
    multiLabel: {
      type: 'boolean',
      default: false,
      description:
        'Each output says of a label whether it is true (a sigmoid each); the data has labels [n, k] of 0 and 1',
    },
    inputs: {
      type: 'object',
      description: 'Values of the inputs of an ONNX file beside the one that is attacked: a number, or lists',
    },
    features: text(
      'Layer or node whose activation mutual information looks at; the first convolution by default',
    ),
    gradients: {
      anyOf: [
        { enum: ['exact', 'estimated'] },
        options(
          {
            straightThrough: {
              type: 'boolean',
              default: false,
              description:
                'Pass gradients through rounding, signs and quantisation as if these were not there (BPDA)',
            },
            eot: {
              type: 'integer',
              minimum: 1,
              default: 1,
              description:
                'Of a victim with randomness: attacks see the mean of so many passes (expectation over transformation)',
            },
          },
          [],
        ),
      ],
      default: 'exact',
      description:
        'estimated: by forward passes alone, for a model that cannot be differentiated; attacks are weaker then',
    },
    repeats: {
      anyOf: [
        { type: 'integer', minimum: 1 },
        options(
          {
            draws: { type: 'integer', minimum: 1, description: 'How often' },
            share: {
              type: 'number',
              exclusiveMinimum: 0,
              maximum: 1,
              default: 0.5,
              description: 'Broken means: in at least this share of them',
            },
          },
          ['draws'],
        ),
      ],
      description:
        'Of a victim with randomness: how often the referee asks it about each sample. Costs nothing where it has none',
    },
    preprocess: options(
      {
        scale: { type: 'number', not: { const: 0 }, description: 'The input is multiplied by this first' },
        mean: { ...factor, description: 'then this is subtracted (one number, or one per channel)' },
        std: { ...factor, description: 'then it is divided by this' },
        layout: {
          enum: ['nchw', 'nhwc'],
          description:
            'Order in which a flat input takes images of several channels: channel by channel (nchw) or pixel by pixel (nhwc); by default what the file tells',
        },
      },
      [],
      {
        default: {},
        description: 'From input units to what the model was trained on: (x · scale − mean) / std',
      },
    ),
    expect: {
      anyOf: [worstCase, { type: 'array', items: worstCase, minItems: 1 }],
      description:
        'What must hold of all attacks of one threat model together: a sample counts as broken if any of them breaks it',
    },
  },
  ['kind', 'bounds'],
);
