import path from 'node:path';
import type { WeakFinding } from '@gauntlet/api';
import { digitsModel, repository } from '../support/cli.js';

const victims = path.join(import.meta.dirname, 'victims.mjs');
const planted = path.join(import.meta.dirname, 'attacks.mjs');

export interface Setting {
  name: string;
  victim: object;
  dataset: object;
  attacks: object[];
}

/** A victim of victims.mjs. */
const changed = (change: string, rest: object = {}) => ({
  name: 'victim',
  use: `${victims}#changed`,
  params: { change },
  kind: 'classifier',
  bounds: [0, 1],
  ...rest,
});
const remote = (change: string) => changed(change, { use: `${victims}#remote`, gradients: 'estimated' });
const withoutClasses = (kind: string, model: string) =>
  changed('', { use: `${victims}#without classes`, params: { model }, kind });
const shipped = (rest: object = {}) => ({
  name: 'victim',
  model: digitsModel,
  kind: 'classifier',
  bounds: [0, 1],
  ...rest,
});
const digits = { format: 'plugin', use: 'digits', take: 14 };
/** As many as it takes to say this much. */
const twenty = { ...digits, take: 20 };

/** An attack under which next to nothing may break. */
const gate = (use: string, params: object, rest: object = {}) => ({
  use,
  params,
  expect: { asr: { max: 0.1 } },
  ...rest,
});
const mine = (name: string, params: object) => gate(`${planted}#${name}`, params, { name });
const pgd = (params: object = {}) => gate('pgd', { epsilon: 0.2, steps: 10, restarts: 2, ...params });

const setting = (name: string, rest: Partial<Setting>): Setting => ({
  name,
  victim: shipped(),
  dataset: digits,
  attacks: [pgd()],
  ...rest,
});

/** Evaluations that would pass a build and say nothing, with the finding that has to name each. */
export const broken: (Setting & { finding: WeakFinding })[] = [
  // of the setting
  { ...setting('epsilon 0', { attacks: [pgd({ epsilon: 0 })] }), finding: 'epsilon-tiny' },
  { ...setting('epsilon 0.2/255', { attacks: [pgd({ epsilon: 0.2 / 255 })] }), finding: 'epsilon-tiny' },
  {
    ...setting('8 for 8/255, and an attack that does nothing', {
      attacks: [mine('does nothing', { epsilon: 8 })],
    }),
    finding: 'epsilon-unit',
  },
  {
    ...setting('one step of 1e-4', { attacks: [pgd({ steps: 1, stepSize: 1e-4 })] }),
    finding: 'short-steps',
  },
  {
    ...setting('ten steps of 1e-4, from the image', {
      attacks: [pgd({ stepSize: 1e-4, randomStart: false })],
    }),
    finding: 'unused-epsilon',
  },
  {
    ...setting('ASR at most 1', { attacks: [{ ...pgd(), expect: { asr: { max: 1 } } }] }),
    finding: 'vacuous-expectation',
  },
  {
    ...setting('accuracy under attack at least 0', {
      attacks: [{ ...pgd(), expect: { robustAccuracy: { min: 0 } } }],
    }),
    finding: 'vacuous-expectation',
  },
  {
    ...setting('five samples of one class', {
      dataset: { ...digits, take: 5, classes: [1] },
      attacks: [pgd({ epsilon: 0.05 })],
    }),
    finding: 'one-class',
  },
  {
    ...setting('labels of the next class', {
      dataset: { format: 'plugin', use: `${planted}#mislabelled`, take: 20 },
      attacks: [{ ...pgd({ epsilon: 0.01 }), expect: { asrRounded: { max: 0.99 }, l0: { min: 0 } } }],
      victim: changed('sine'),
    }),
    finding: 'near-chance',
  },
  {
    ...setting('an image that the model takes for its negative', {
      victim: shipped({ preprocess: { mean: 1, std: -1 } }),
      attacks: [gate('noise', { epsilon: 0.01 })],
    }),
    finding: 'below-card',
  },
  {
    ...setting('values up to 1 under bounds of [0, 255]', {
      victim: shipped({ bounds: [0, 255] }),
      dataset: { format: 'plugin', use: `${planted}#floats`, take: 20 },
      attacks: [pgd({ epsilon: 8 / 255 })],
    }),
    finding: 'unused-bounds',
  },
  {
    ...setting('a model that always says 0', { victim: changed('constant') }),
    finding: 'near-chance',
  },
  // of the victim
  { ...setting('a sine on the input', { victim: changed('sine') }), finding: 'shattered-gradient' },
  {
    ...setting('the same under 30 steps and three restarts', {
      victim: changed('sine'),
      attacks: [pgd({ steps: 30, restarts: 3 })],
    }),
    finding: 'shattered-gradient',
  },
  {
    ...setting('decisions alone, estimated', { victim: remote('hard labels'), attacks: [pgd({ steps: 2 })] }),
    finding: 'hard-labels',
  },
  {
    ...setting('estimated gradients and no other attack', {
      victim: remote('hard labels'),
      attacks: [pgd({ steps: 1 })],
    }),
    finding: 'estimated-alone',
  },
  { ...setting('decisions alone', { victim: changed('hard labels') }), finding: 'zero-gradients' },
  { ...setting('an input of 3 bits', { victim: changed('3 bits') }), finding: 'zero-gradients' },
  { ...setting('a thermometer code', { victim: changed('thermometer') }), finding: 'zero-gradients' },
  {
    ...setting('an input of 3 bits, estimated', {
      victim: remote('thermometer'),
      attacks: [pgd({ steps: 1, epsilon: 0.05 })],
    }),
    finding: 'estimated-alone',
  },
  {
    ...setting('noise on the input', { victim: changed('input noise'), attacks: [pgd({ epsilon: 0.03 })] }),
    finding: 'not-deterministic',
  },
  {
    ...setting('noise on the input, and gradients of single draws', {
      victim: changed('input noise', { repeats: 3 }),
      attacks: [pgd({ epsilon: 0.03 })],
    }),
    finding: 'not-deterministic',
  },
  {
    ...setting('an input of 3 bits, straight through, and no other attack', {
      victim: changed('3 bits', { gradients: { straightThrough: true } }),
      attacks: [{ ...pgd({ epsilon: 0.1 }), expect: { asr: { max: 0.95 } } }],
    }),
    finding: 'straight-through-alone',
  },
  {
    ...setting('dropout left on', { victim: changed('dropout'), attacks: [pgd({ epsilon: 0.02 })] }),
    finding: 'not-deterministic',
  },
  {
    ...setting('statistics of the batch', {
      victim: changed('batch statistics'),
      attacks: [gate('noise', { epsilon: 0.02 })],
    }),
    finding: 'depends-on-batch',
  },
  {
    ...setting('an autoencoder that always gives the same', {
      victim: withoutClasses('autoencoder', 'average'),
      attacks: [
        {
          use: 'gaussian',
          params: { sigma: 0.05 },
          expect: { reconstructionDegradation: { max: 0.1 }, asr: { max: 0.99 } },
        },
      ],
    }),
    finding: 'collapsed',
  },
  {
    ...setting('an encoder that always gives the same', {
      victim: withoutClasses('encoder', 'average'),
      attacks: [gate('pgd', { epsilon: 1 / 255, steps: 3 }, { criterion: 'nearest-other' })],
    }),
    finding: 'collapsed',
  },
  {
    ...setting('softmax twice', { victim: changed('softmax twice'), attacks: [pgd({ epsilon: 0.03 })] }),
    finding: 'double-softmax',
  },
  {
    ...setting('reverse sigmoid', { victim: changed('reverse sigmoid') }),
    finding: 'plateau',
  },
  {
    ...setting('a gradient of the wrong sign', { victim: changed('wrong sign') }),
    finding: 'shattered-gradient',
  },
  {
    ...setting('a gradient of noise', { victim: changed('random gradient') }),
    finding: 'shattered-gradient',
  },
  { ...setting('a gradient of zeros', { victim: changed('no gradient') }), finding: 'zero-gradients' },
  {
    ...setting('a gradient that is no number', {
      victim: changed('NaN gradient'),
      attacks: [gate('fgsm', { epsilon: 0.1 }), gate('noise', { epsilon: 0.01 })],
    }),
    finding: 'gradient-not-finite',
  },
  ...['times 1e2', 'times 1e3', 'times 1e5'].map((change) => ({
    ...setting(`logits ${change}`, { victim: changed(change), attacks: [pgd({ epsilon: 0.1 })] }),
    finding: 'saturated' as const,
  })),
  // of the attack
  {
    ...setting('an attack that does nothing', { attacks: [mine('does nothing', { epsilon: 0.2 })] }),
    finding: 'unchanged-input',
  },
  {
    ...setting('an attack that forgets its best', { attacks: [mine('forgets its best', { epsilon: 0.2 })] }),
    finding: 'forgotten-success',
  },
  {
    ...setting('an attack that goes the wrong way', {
      attacks: [mine('goes the wrong way', { epsilon: 0.2 })],
    }),
    finding: 'no-progress',
  },
  {
    ...setting('the same, with all that the bounds allow', {
      dataset: twenty,
      attacks: [mine('goes the wrong way', { epsilon: 0.2 })],
    }),
    finding: 'holds-unbounded',
  },
  {
    ...setting('an attack that changes next to nothing', { attacks: [mine('is lazy', { epsilon: 0.2 })] }),
    finding: 'unused-epsilon',
  },
  {
    ...setting('an attack that ends too early', {
      attacks: [mine('works', { epsilon: 0.2, steps: 10, stepSize: 0.004 })],
    }),
    finding: 'still-rising',
  },
  {
    ...setting('one step that beats ten', {
      attacks: [mine('goes the wrong way', { epsilon: 0.3 }), { use: 'fgsm', params: { epsilon: 0.3 } }],
    }),
    finding: 'weaker-is-stronger',
  },
  {
    ...setting('an attack that breaks less where it may do more', {
      attacks: [
        {
          ...mine('gives up beyond 0.1', {}),
          params: {},
          sweep: { epsilon: [0.1, 0.15] },
          expect: { asr: { max: 0.3 } },
        },
      ],
    }),
    finding: 'falls-with-epsilon',
  },
];

/** What is sound though it may look odd: nothing may take its passes away. */
const held = { expect: { asr: { max: 0.9 } } };
const small = (params: object = {}) => ({ ...pgd({ epsilon: 0.03, ...params }), ...held });

export const healthy: Setting[] = [
  setting('the shipped model', { attacks: [small()] }),
  setting('an autoencoder', {
    victim: withoutClasses('autoencoder', 'copy'),
    attacks: [gate('gaussian', { sigma: 0.05 }, held)],
  }),
  setting('an encoder', {
    victim: shipped({ model: path.join(repository, 'examples/encoder/model.json'), kind: 'encoder' }),
    attacks: [{ ...small({ epsilon: 0.02 }), criterion: 'nearest-other' }],
  }),
  setting('on TensorFlow.js', { victim: shipped({ engine: 'tfjs' }), attacks: [small()] }),
  setting('with 40 steps and restarts', { attacks: [small({ steps: 20, restarts: 2 })] }),
  setting('a step of its own', { attacks: [small({ stepSize: 0.01, steps: 10, randomStart: false })] }),
  setting('loss: margin', { attacks: [small({ loss: 'margin' })] }),
  setting('loss: dlr', { attacks: [small({ loss: 'dlr' })] }),
  setting('L2', { attacks: [small({ norm: 'l2', epsilon: 0.5 })] }),
  setting('L1', { attacks: [small({ norm: 'l1', epsilon: 5, restarts: 1 })] }),
  setting('targeted', { attacks: [small({ target: 'next' })] }),
  setting('one 8-bit step', { attacks: [small({ epsilon: 1 / 255 })] }),
  setting('bounds of [0, 255]', {
    victim: shipped({ bounds: [0, 255], preprocess: { scale: 1 / 255 } }),
    attacks: [small({ epsilon: 8 })],
  }),
  setting('bounds of [-1, 1]', {
    victim: shipped({ bounds: [-1, 1], preprocess: { scale: 0.5, mean: -0.5 } }),
    attacks: [small({ epsilon: 0.06 })],
  }),
  ...[
    'times 10',
    'a tenth',
    'shifted',
    'softmax',
    'log-softmax',
    '8 bits, straight through',
    'clipped input',
    'blurred',
    'average of four',
    'mirrored',
  ].map((change) => setting(change, { victim: changed(change), attacks: [small()] })),
  setting('logits times 1e3 under a loss without scale', {
    victim: changed('times 1e3'),
    attacks: [small({ loss: 'margin' })],
  }),
  setting('noise on the input, with means of draws and a referee that draws', {
    victim: changed('faint noise', { gradients: { eot: 4 }, repeats: 5 }),
    attacks: [small()],
  }),
  setting('an input of 3 bits, straight through and with a search', {
    dataset: twenty,
    victim: changed('3 bits', { gradients: { straightThrough: true } }),
    attacks: [
      { ...pgd({ epsilon: 0.1 }), expect: { asr: { max: 0.95 } } },
      { use: 'square', params: { epsilon: 0.1, queries: 100 }, expect: { asr: { max: 0.95 } } },
    ],
  }),
  setting('noise, one step and many, at two lengths', {
    attacks: [0.03, 0.1].flatMap((epsilon) => [
      { ...gate('noise', { epsilon }), name: `noise ${epsilon}` },
      { ...gate('fgsm', { epsilon }), name: `fgsm ${epsilon}`, ...held },
      { ...small({ epsilon }), name: `pgd ${epsilon}` },
    ]),
  }),
  setting('estimated gradients that break some', {
    victim: remote('none'),
    attacks: [{ ...pgd({ epsilon: 0.25, steps: 3 }), expect: { asr: { max: 0.99 } } }],
  }),
];
