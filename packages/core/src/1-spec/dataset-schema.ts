import { options, text } from './schema-options.js';

const selection = {
  take: { type: 'integer', minimum: 1, description: 'How many images' },
  skip: { type: 'integer', minimum: 0, description: 'How many to leave out first' },
  indices: {
    type: 'array',
    items: { type: 'integer', minimum: 0 },
    minItems: 1,
    uniqueItems: true,
    description: 'Exactly these images',
  },
  classes: {
    type: 'array',
    items: { type: 'integer', minimum: 0 },
    minItems: 1,
    description: 'Only these classes',
  },
  shuffle: { type: 'boolean', description: "Shuffle first, by the spec's seed" },
};

const format = (name: string, properties: Record<string, object>, required: string[]) =>
  options({ format: { const: name }, ...properties, ...selection }, ['format', ...required]);

/** `dataset` of a spec, by its format. */
export const dataset = {
  type: 'object',
  discriminator: { propertyName: 'format' },
  required: ['format'],
  oneOf: [
    format('idx', { images: text('IDX file, .gz or not'), labels: text('IDX file') }, ['images']),
    format(
      'cifar10',
      {
        files: {
          anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }],
          description: 'CIFAR-10 binary files',
        },
      },
      ['files'],
    ),
    format('npy', { images: text('.npy [n,h,w] or [n,h,w,c]'), labels: text('.npy [n]') }, ['images']),
    format(
      'npz',
      {
        file: text('.npz archive'),
        imagesKey: { type: 'string', default: 'x' },
        labelsKey: { type: 'string' },
      },
      ['file'],
    ),
    format(
      'folder',
      { path: text('Folder with one sub-folder of PNG or JPEG files per class'), channels: { enum: [1, 3] } },
      ['path'],
    ),
    format('svhn', { file: text('SVHN .mat file (cropped digits)') }, ['file']),
    format(
      'plugin',
      { use: text('package#name or ./path of a dataset plugin'), params: { type: 'object', default: {} } },
      ['use'],
    ),
  ],
};
