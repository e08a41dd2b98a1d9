import { interpolations } from '../datasets/images/resample.js';
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

const side = { type: 'integer', minimum: 1 };
const size = { anyOf: [side, { type: 'array', items: side, minItems: 2, maxItems: 2 }] };

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
      {
        path: text('Folder with one sub-folder of images (PNG, JPEG, WebP, TIFF, GIF) per class'),
        classIndex: text(
          'Which class each sub-folder is: {"name": 0} or {"0": ["name"]} as JSON, or names line by line; class_to_idx.json in the folder by default, else by name',
        ),
        channels: { enum: [1, 3], description: 'Gray or colour; as the first image by default' },
        resize: { ...size, description: 'The shorter side, or [height, width], as torchvision does it' },
        interpolation: { enum: interpolations, description: 'How: bilinear by default' },
        centerCrop: { ...size, description: 'The side of a square, or [height, width], after "resize"' },
        exif: { type: 'boolean', default: true, description: 'Turn photos upright' },
      },
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
