import { dataset } from './dataset-schema.js';
import { options, text } from './schema-options.js';

const bare = (description: string) =>
  options({ min: { type: 'number' }, max: { type: 'number' } }, [], {
    description,
    anyOf: [{ required: ['min'] }, { required: ['max'] }],
  });

/** What a spec says of `gauntlet retrain`. */
export const retrain = options(
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
