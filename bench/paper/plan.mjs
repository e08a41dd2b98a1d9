import path from 'node:path';
import { open, paperDataset } from './datasets.mjs';
import { causesSteps } from './causes.mjs';
import { mutualInformationSteps } from './mutual-information.mjs';
import { readRecords } from './records.mjs';
import { reconstructionSteps } from './reconstruction.mjs';
import { Store } from './store.mjs';

/** Samples that the paper's table of mutual information is over. */
const samples = 1000;

/** The steps of each part for a dataset, and where their results are. */
export async function planFor(options) {
  const { dataset, quick, images, seeds, passes, data, output, results } = options;
  const sets = paperDataset(dataset, options);
  const count = (await open(sets.train)).indices.length;
  const tested = (await open(sets.test)).indices.length;
  const context = {
    data,
    quick,
    sets,
    count,
    tested,
    seeds,
    passes,
    images: Math.min(images ?? samples, tested, quick ? 10 : tested),
    attacked: Math.min(images ?? count, count, quick ? 20 : count),
  };
  const plans = {
    mi: mutualInformationSteps,
    reconstruction: reconstructionSteps,
    causes: causesSteps,
  };
  return {
    store: new Store(path.join(output, quick ? 'quick' : dataset), readRecords(results, dataset)),
    context,
    parts: options.parts.map((name) => ({ name, steps: plans[name](dataset, context) })),
  };
}
