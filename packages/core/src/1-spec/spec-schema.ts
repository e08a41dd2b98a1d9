import { attack } from './attack-schema.js';
import { dataset } from './dataset-schema.js';
import { retrain } from './retrain-schema.js';
import { options, text } from './schema-options.js';
import { strict } from './strict-schema.js';
<<<<<<< HEAD
import { victim } from './victim-schema.js';
=======

const factor = { anyOf: [{ type: 'number' }, { type: 'array', items: { type: 'number' }, minItems: 1 }] };

const victim = options(
  {
    name: text(
      'How reports and baselines call it; as the spec is called by default, among several victims as its file',
    ),
    model: text(
      'Model: an .onnx file, a tfjs folder or model.json, or a file of an installed package. Relative to this spec',
    ),
    use: text('Instead of a model file, a model in code: a victim plugin, package#name or ./path'),
    params: { type: 'object', description: 'Parameters of the victim plugin' },
    kind: { enum: ['classifier', 'autoencoder'], description: 'What the model is' },
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
      enum: ['auto', 'logits', 'probabilities'],
      default: 'auto',
      description: 'What a classifier returns; auto looks at the graph and at a probe batch',
    },
    features: text(
      'Layer or node whose activation mutual information looks at; the first convolution by default',
    ),
    gradients: {
      enum: ['exact', 'estimated'],
      default: 'exact',
      description:
        'estimated: by forward passes alone, for a model that cannot be differentiated; attacks are weaker then',
    },
    preprocess: options(
      {
        scale: { type: 'number', not: { const: 0 }, description: 'The input is multiplied by this first' },
        mean: { ...factor, description: 'then this is subtracted (one number, or one per channel)' },
        std: { ...factor, description: 'then it is divided by this' },
      },
      [],
      {
        default: {},
        description: 'From input units to what the model was trained on: (x · scale − mean) / std',
      },
    ),
  },
  ['kind', 'bounds'],
);

export const limit = (description: string) =>
  options(
    {
      min: { type: 'number' },
      max: { type: 'number' },
      confidence: {
        type: 'number',
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        description:
          'Demand that the whole confidence interval of this level is on the right side of the limit',
      },
    },
    [],
    { description, anyOf: [{ required: ['min'] }, { required: ['max'] }] },
  );

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
    expect: {
      type: 'object',
      default: {},
      description: 'What must hold for the build to pass, by metric',
      additionalProperties: limit('Limits of a metric'),
    },
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
    recipe: text('Architecture of the zoo that the model is; the one its card names by default'),
    loss: {
      enum: ['mse', 'bce'],
      default: 'mse',
      description: 'Without a recipe: mean squared error or binary cross-entropy',
    },
    optimizer: { enum: ['adam', 'rmsprop', 'sgd'], default: 'adam', description: 'Without a recipe' },
    learningRate: { type: 'number', exclusiveMinimum: 0, default: 1e-3, description: 'Without a recipe' },
    epochs: {
      type: 'integer',
      minimum: 1,
      default: 20,
      description: 'Passes over the (augmented) training set',
    },
    batchSize: { type: 'integer', minimum: 1, default: 100 },
    seeds: {
      type: 'integer',
      minimum: 1,
      default: 3,
      description: 'Repetitions, with other perturbations and another order of the images',
    },
    protocols: {
      type: 'array',
      items: { enum: ['equal-epochs', 'equal-steps'] },
      minItems: 1,
      uniqueItems: true,
      default: ['equal-epochs', 'equal-steps'],
      description:
        'equal-epochs: as the paper, a larger set is trained on for longer; equal-steps: every arm does the same number of steps',
    },
    include: {
      enum: ['all', 'broken'],
      default: 'all',
      description: 'Add every perturbed image, or only those that met the goal',
    },
    target: {
      enum: ['clean', 'perturbed'],
      default: 'clean',
      description:
        'What the model learns to give back for a perturbed image: its clean original, as in the criterion of the attacks, or the image itself',
    },
    expect: {
      type: 'object',
      default: {},
      description: 'By attack: what must hold, under every protocol',
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
);
>>>>>>> install

/** What a spec file looks like, for validation and for editors. Attack parameters are checked by their own schema. */
export const specSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Gauntlet robustness spec',
  ...options(
    {
      $schema: { type: 'string' },
      victim,
      victims: {
        type: 'array',
        items: victim,
        minItems: 1,
        description: 'Several victims, each attacked by every attack',
      },
      dataset,
      seed: { type: 'integer', minimum: 0, default: 0, description: 'Same seed, same bytes' },
      maxUnassessed: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0,
        description: 'Share of samples that may stay without an outcome before a cell is inconclusive',
      },
      strict,
      estimator: {
        anyOf: [
          { type: 'string', minLength: 1 },
          options({ use: text('package#name or ./path'), params: { type: 'object', default: {} } }, ['use']),
        ],
        description:
          'What the referee measures mutual information with: an estimator plugin; gaussian by default',
      },
      metrics: {
        type: 'array',
        items: {
          anyOf: [
            { type: 'string', minLength: 1 },
            options(
              {
                use: text('package#name or ./path'),
                params: { type: 'object', default: {} },
                name: text('How expect and reports call it; its own name by default'),
              },
              ['use'],
            ),
          ],
        },
        description: 'Metric plugins, which expect may name beside the metrics that come along',
      },
      threat: options(
        {
          norm: { enum: ['linf', 'l2', 'l1'], description: 'How a perturbation is measured' },
          epsilon: { type: 'number', minimum: 0, description: 'Its largest length, in input units' },
        },
        ['norm', 'epsilon'],
        { description: 'What every attack is held to, beside what it says of itself' },
      ),
      attacks: { type: 'array', items: attack, minItems: 1 },
      retrain: { ...retrain, description: 'gauntlet retrain: does training on the perturbed images help?' },
    },
    ['dataset', 'attacks'],
  ),
};
