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

const files = { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }] };

const layout = {
  enum: ['nchw', 'nhwc'],
  description: 'Whether channels come first (nchw) or last, the default',
};

/** Of formats whose images are encoded as PNG, JPEG and so on. */
const encoded = {
  channels: { enum: [1, 3], description: 'Gray or colour; as the first image by default' },
  resize: { ...size, description: 'The shorter side, or [height, width], as torchvision does it' },
  interpolation: { enum: interpolations, description: 'How: bilinear by default' },
  centerCrop: { ...size, description: 'The side of a square, or [height, width], after "resize"' },
  exif: { type: 'boolean', default: true, description: 'Turn photos upright' },
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
        files: { ...files, description: 'CIFAR-10 binary files' },
      },
      ['files'],
    ),
    format(
      'cifar10-c',
      {
        path: text('Folder of CIFAR-10-C or CIFAR-100-C: an array for each corruption, and labels.npy'),
        corruption: text('As its file is called: gaussian_noise, fog, …'),
        severity: { type: 'integer', minimum: 1, maximum: 5, description: 'All five by default' },
      },
      ['path', 'corruption'],
    ),
    format(
      'npy',
      {
        images: text('.npy [n,h,w], [n,h,w,c] or, with layout: nchw, [n,c,h,w]'),
        labels: text('.npy [n], or one-hot [n,classes]; rows of 0 and 1 [n,labels] for a multi-label victim'),
        layout,
      },
      ['images'],
    ),
    format(
      'npz',
      {
        file: text('.npz archive'),
        imagesKey: text('Name of the images in it; x, x_test, test_images, images or X by default'),
        labelsKey: text('Name of the labels; y, labels or y_test by default'),
        layout,
      },
      ['file'],
    ),
    format(
      'parquet',
      {
        files: { ...files, description: "Parquet files as Hugging Face's datasets writes them" },
        imagesKey: text('Column of images; image, img or images by default'),
        labelsKey: text('Column of class indices; label, labels or fine_label by default'),
        ...encoded,
      },
      ['files'],
    ),
    format(
      'folder',
      {
        path: text('Folder with one sub-folder of images (PNG, JPEG, WebP, TIFF, GIF, BMP) per class'),
        classIndex: text(
          'Which class each sub-folder is: {"name": 0} or {"0": ["name"]} as JSON, or names line by line; class_to_idx.json in the folder by default, else by name',
        ),
        ...encoded,
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
