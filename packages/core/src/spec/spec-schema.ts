import { engineNames } from '../engines/engine-names.js';
import { metricNames } from './metric-names.js';

const options = (properties: Record<string, object>, required: string[], rest: object = {}) =>
  ({ type: 'object', additionalProperties: false, properties, required, ...rest }) as const;

const text = (description: string) => ({ type: 'string', minLength: 1, description });
const factor = { anyOf: [{ type: 'number' }, { type: 'array', items: { type: 'number' }, minItems: 1 }] };

const victim = options(
  {
    name: text('How reports call it; the model path by default'),
    model: text('Model: an .onnx file, a tfjs folder or model.json, or a file of an installed package. Relative to this spec'),
    kind: { enum: ['classifier', 'autoencoder'], description: 'What the model is' },
    bounds: {
      type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 2,
      description: 'Smallest and largest value of an input; 8-bit images are scaled to it, epsilon is in its units',
    },
    engine: { enum: ['auto', 'onnx', 'tfjs', ...engineNames], default: 'auto', description: 'What computes the model' },
    output: {
      enum: ['auto', 'logits', 'probabilities'], default: 'auto',
      description: 'What a classifier returns; auto looks at the graph and at a probe batch',
    },
    features: text('Layer or node whose activation mutual information looks at; the first convolution by default'),
    gradients: {
      enum: ['exact', 'estimated'], default: 'exact',
      description: 'estimated: by forward passes alone, for a model that cannot be differentiated; attacks are weaker then',
    },
    preprocess: options(
      {
        scale: { type: 'number', not: { const: 0 }, description: 'The input is multiplied by this first' },
        mean: { ...factor, description: 'then this is subtracted (one number, or one per channel)' },
        std: { ...factor, description: 'then it is divided by this' },
      },
      [],
      { default: {}, description: 'From input units to what the model was trained on: (x · scale − mean) / std' },
    ),
  },
  ['model', 'kind', 'bounds'],
); // prettier-ignore

const selection = {
  take: { type: 'integer', minimum: 1, description: 'How many images' },
  skip: { type: 'integer', minimum: 0, description: 'How many to leave out first' },
  indices: { type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 1, uniqueItems: true, description: 'Exactly these images' },
  classes: { type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 1, description: 'Only these classes' },
  shuffle: { type: 'boolean', description: "Shuffle first, by the spec's seed" },
}; // prettier-ignore

const format = (name: string, properties: Record<string, object>, required: string[]) =>
  options({ format: { const: name }, ...properties, ...selection }, ['format', ...required]);

const dataset = {
  type: 'object',
  discriminator: { propertyName: 'format' },
  required: ['format'],
  oneOf: [
    format('idx', { images: text('IDX file, .gz or not'), labels: text('IDX file') }, ['images']),
    format('cifar10', { files: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }], description: 'CIFAR-10 binary files' } }, ['files']),
    format('npy', { images: text('.npy [n,h,w] or [n,h,w,c]'), labels: text('.npy [n]') }, ['images']),
    format('npz', { file: text('.npz archive'), imagesKey: { type: 'string', default: 'x' }, labelsKey: { type: 'string' } }, ['file']),
    format('folder', { path: text('Folder with one sub-folder of PNG or JPEG files per class'), channels: { enum: [1, 3] } }, ['path']),
    format('svhn', { file: text('SVHN .mat file (cropped digits)') }, ['file']),
    format('plugin', { use: text('package#name or ./path of a dataset plugin'), params: { type: 'object', default: {} } }, ['use']),
  ],
}; // prettier-ignore

const limit = (description: string) =>
  options(
    {
      min: { type: 'number' },
      max: { type: 'number' },
      confidence: {
        type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1,
        description: 'Demand that the whole confidence interval of this level is on the right side of the limit',
      },
    },
    [],
    { description, anyOf: [{ required: ['min'] }, { required: ['max'] }] },
  ); // prettier-ignore

const attack = options(
  {
    use: text('An attack: a built-in name, a package, package#name or ./path'),
    name: text('How reports call it; must be unique. The attack name by default'),
    params: {
      type: 'object',
      default: {},
      description: 'Parameters of the attack; gauntlet list shows them',
    },
    criterion: {
      anyOf: [
        { type: 'string', minLength: 1 },
        options({ use: text('package#name or ./path'), params: { type: 'object', default: {} } }, ['use']),
      ],
      description:
        'The goal, where it is not misclassification or (autoencoder) reconstruction: a criterion plugin',
    },
    sweep: {
      type: 'object',
      minProperties: 1,
      maxProperties: 1,
      additionalProperties: { type: 'array', items: { type: 'number' }, minItems: 2, uniqueItems: true },
      description:
        'One parameter and its values: the attack is done with each of them, and what is expected has to hold for all',
    },
    expect: options(
      Object.fromEntries(
        Object.entries(metricNames).map(([name, description]) => [name, limit(description)]),
      ),
      [],
      { default: {}, description: 'What must hold for the build to pass' },
    ),
  },
  ['use'],
);

const bare = (description: string) =>
  options({ min: { type: 'number' }, max: { type: 'number' } }, [], {
    description,
    anyOf: [{ required: ['min'] }, { required: ['max'] }],
  });

const retrain = options(
  {
    test: dataset,
    recipe: text("Architecture of the zoo that the model is; the one its card names by default"),
    loss: { enum: ['mse', 'bce'], default: 'mse', description: 'Without a recipe: mean squared error or binary cross-entropy' },
    optimizer: { enum: ['adam', 'rmsprop', 'sgd'], default: 'adam', description: 'Without a recipe' },
    learningRate: { type: 'number', exclusiveMinimum: 0, default: 1e-3, description: 'Without a recipe' },
    epochs: { type: 'integer', minimum: 1, default: 20, description: 'Passes over the (augmented) training set' },
    batchSize: { type: 'integer', minimum: 1, default: 100 },
    seeds: { type: 'integer', minimum: 1, default: 3, description: 'Repetitions, with other perturbations and another order of the images' },
    protocols: {
      type: 'array', items: { enum: ['equal-epochs', 'equal-steps'] }, minItems: 1, uniqueItems: true, default: ['equal-epochs', 'equal-steps'],
      description: 'equal-epochs: as the paper, a larger set is trained on for longer; equal-steps: every arm does the same number of steps',
    },
    include: { enum: ['all', 'broken'], default: 'all', description: 'Add every perturbed image, or only those that met the goal' },
    target: {
      enum: ['clean', 'perturbed'], default: 'clean',
      description: 'What the model learns to give back for a perturbed image: its clean original, as in the criterion of the attacks, or the image itself',
    },
    expect: {
      type: 'object', default: {}, description: 'By attack: what must hold, under every protocol',
      additionalProperties: options(
        {
          improvement: bare('1 − error / error of the original model'),
          improvementOverControl: bare('1 − error / error after the same training with nothing added'),
          testError: bare('mean squared error per value on the test set'),
        },
        [],
      ),
    },
  },
  ['test'],
); // prettier-ignore

/** What a spec file looks like, for validation and for editors. Attack parameters are checked by their own schema. */
export const specSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Gauntlet robustness spec',
  ...options(
    {
      $schema: { type: 'string' },
      victim,
      victims: { type: 'array', items: victim, minItems: 1, description: 'Several victims, each attacked by every attack' },
      dataset,
      seed: { type: 'integer', minimum: 0, default: 0, description: 'Same seed, same bytes' },
      maxUnassessed: {
        type: 'number', minimum: 0, maximum: 1, default: 0,
        description: 'Share of samples that may stay without an outcome before a cell is inconclusive',
      },
      attacks: { type: 'array', items: attack, minItems: 1 },
      retrain: { ...retrain, description: 'gauntlet retrain: does training on the perturbed images help?' },
    },
    ['dataset', 'attacks'],
  ),
}; // prettier-ignore
