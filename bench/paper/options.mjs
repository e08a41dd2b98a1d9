import path from 'node:path';
import { parseArgs } from 'node:util';
import { GauntletError } from '@gauntlet/api';
import { datasetNames } from './datasets.mjs';
import { autoencoders } from './reconstruction.mjs';

export const parts = ['mi', 'reconstruction', 'causes'];
const repository = path.join(import.meta.dirname, '../..');

export const usage = `npm run paper -- [${datasetNames.join(' | ')}] [options]

Makes the paper's tables for a dataset and goes on where it was stopped. Without a dataset it only writes the page.

  --part ${parts.join(' | ')}   one part of the tables (default: all)
  --images n       training images that the slow attacks perturb (default: all)
  --seeds k        trainings of each autoencoder (default: 3)
  --passes name=n  an autoencoder's passes over the training images, if not as many as the paper's; may be repeated
  --only regex     only the steps whose names match
  --again          those steps once more, on the models that are here; what they gave before is kept beside
  --quick          everything small, in minutes, in a folder of its own
  --plan           say what is left and how long it takes, and do nothing
  --data folder    where the datasets are (default: ../shared/data)
  --output folder  where models, perturbed images and steps are kept (default: gauntlet-report/paper)`;

const integer = (name, text, least) => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new GauntletError('usage', `--${name} must be an integer of at least ${least}; found "${text}".`);
};
/** `adversarial=3`: an autoencoder that is trained for fewer passes than the paper's. */
function fewerPasses(text) {
  const [name, passes] = text.split('=', 2);
  return [oneOf('autoencoder', name, autoencoders), integer('passes', passes, 1)];
}
function expression(text) {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new GauntletError('usage', `--only: ${error.message}.`);
  }
}
const oneOf = (what, value, choice) => {
  if (choice.includes(value)) return value;
  throw new GauntletError('usage', `There is no ${what} "${value}". Choose one of ${choice.join(', ')}.`);
};

const optionTypes = {
  help: { type: 'boolean', default: false },
  part: { type: 'string' },
  images: { type: 'string' },
  seeds: { type: 'string', default: '3' },
  passes: { type: 'string', multiple: true, default: [] },
  only: { type: 'string', default: '' },
  again: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  plan: { type: 'boolean', default: false },
  data: { type: 'string', default: path.join(repository, '../shared/data') },
  output: { type: 'string', default: path.join(repository, 'gauntlet-report/paper') },
};
function parse(args) {
  try {
    return parseArgs({ args, allowPositionals: true, options: optionTypes });
  } catch (error) {
    throw new GauntletError('usage', `${error.message}\n\n${usage}`);
  }
}

/** Options of `npm run paper`: a dataset, or nothing to write the page from the results that there are. */
export function readOptions(args) {
  const { values, positionals } = parse(args);
  const [dataset, more] = positionals;
  if (more !== undefined) {
    throw new GauntletError('usage', `Give one dataset; found "${dataset}" and "${more}".`);
  }
  if (values.again && values.only === '') {
    throw new GauntletError('usage', '--again needs --only, with the steps that are to be done once more.');
  }
  const { quick } = values;
  const output = path.resolve(values.output);
  return {
    ...values,
    dataset: dataset === undefined ? undefined : oneOf('dataset', dataset, datasetNames),
    parts: values.part === undefined ? parts : [oneOf('part', values.part, parts)],
    images: values.images === undefined ? undefined : integer('images', values.images, 1),
    seeds: quick ? 1 : integer('seeds', values.seeds, 1),
    passes: Object.fromEntries(values.passes.map(fewerPasses)),
    only: expression(values.only),
    output,
    // What a quick run finds says nothing about the paper: its page stays in its own folder.
    results: quick ? path.join(output, 'results') : path.join(repository, 'bench/results/paper'),
    page: quick ? path.join(output, 'paper.md') : path.join(repository, 'docs/paper.md'),
  };
}

/** The call that makes the same numbers anywhere: without the folders of this machine. */
export function commandOf({ dataset, part, images, seeds, passes, quick }) {
  const options = [
    part && `--part ${part}`,
    images && `--images ${images}`,
    ...Object.entries(part === 'reconstruction' ? passes : {}).map(([name, n]) => `--passes ${name}=${n}`),
    quick ? '--quick' : part !== 'mi' && part !== 'causes' && `--seeds ${seeds}`,
  ];
  return ['npm run paper --', dataset, ...options.filter(Boolean)].join(' ');
}
