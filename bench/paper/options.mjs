import path from 'node:path';
import { parseArgs } from 'node:util';
import { GauntletError } from '@gauntlet/api';
import { datasetNames } from './datasets.mjs';

export const parts = ['mi', 'reconstruction', 'causes'];
const repository = path.join(import.meta.dirname, '../..');

const integer = (name, text, least) => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new GauntletError('usage', `--${name} must be an integer of at least ${least}; found "${text}".`);
};
const oneOf = (what, value, choice) => {
  if (choice.includes(value)) return value;
  throw new GauntletError('usage', `There is no ${what} "${value}". Choose one of ${choice.join(', ')}.`);
};

/** Options of `npm run paper`: a dataset, or nothing to write the page from the results that there are. */
export function readOptions(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      part: { type: 'string' },
      images: { type: 'string' },
      seeds: { type: 'string', default: '3' },
      quick: { type: 'boolean', default: false },
      plan: { type: 'boolean', default: false },
      data: { type: 'string', default: path.join(repository, '../shared/data') },
      output: { type: 'string', default: path.join(repository, 'gauntlet-report/paper') },
    },
  });
  const [dataset] = positionals;
  const { quick } = values;
  const output = path.resolve(values.output);
  return {
    ...values,
    dataset: dataset === undefined ? undefined : oneOf('dataset', dataset, datasetNames),
    parts: values.part === undefined ? parts : [oneOf('part', values.part, parts)],
    images: values.images === undefined ? undefined : integer('images', values.images, 1),
    seeds: quick ? 1 : integer('seeds', values.seeds, 1),
    output,
    // What a quick run finds says nothing about the paper: its page stays in its own folder.
    results: quick ? path.join(output, 'results') : path.join(repository, 'bench/results/paper'),
    page: quick ? path.join(output, 'paper.md') : path.join(repository, 'docs/paper.md'),
  };
}

/** The call that makes the same numbers anywhere: without the folders of this machine. */
export function commandOf({ dataset, part, images, seeds, quick }) {
  const options = [
    part && `--part ${part}`,
    images && `--images ${images}`,
    quick ? '--quick' : part !== 'mi' && part !== 'causes' && `--seeds ${seeds}`,
  ];
  return ['npm run paper --', dataset, ...options.filter(Boolean)].join(' ');
}
