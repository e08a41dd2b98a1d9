import path from 'node:path';
import { loadDataset, openDataset } from '@gauntlet/core';
import { trainingData } from '@gauntlet/zoo';
import { builtIn, packages } from '@gauntlet/cli/built-in';

export const datasetNames = ['mnist', 'cifar10', 'svhn'];

/** Synthetic digits in the place of each dataset: nothing to download, and small. */
const digits = (seed, count) => ({ format: 'plugin', use: 'digits', params: { seed, count } });
const quick = { train: digits(2, 200), test: digits(3, 50), images: 200, tested: 50 };

/** Training and test images as a spec's `dataset`, and how many there are. */
export function paperDataset(name, { data, quick: isQuick }) {
  if (isQuick) return quick;
  const file = (...parts) => path.resolve(data, ...parts);
  const idx = (which) => ({
    format: 'idx',
    images: file(`mnist/${which}-images-idx3-ubyte.gz`),
    labels: file(`mnist/${which}-labels-idx1-ubyte.gz`),
  });
  return {
    mnist: () => ({ train: idx('train'), test: idx('t10k') }),
    cifar10: () => ({
      train: { format: 'cifar10', files: [1, 2, 3, 4, 5].map((i) => file(`cifar10/data_batch_${i}.bin`)) },
      test: { format: 'cifar10', files: [file('cifar10/test_batch.bin')] },
    }),
    svhn: () => ({
      train: { format: 'svhn', file: file('svhn/train_32x32.mat') },
      test: { format: 'svhn', file: file('svhn/test_32x32.mat') },
    }),
  }[name]();
}

/** A spec's `dataset` as the runner has it. */
export async function open(given, seed = 0) {
  const { config } = await loadDataset(JSON.stringify(given), process.cwd(), {
    builtIn: await builtIn(),
    packages,
  });
  return openDataset(config, seed);
}

const kept = new Map();

/** All images of a dataset in memory; the last few stay there. */
export async function images(given) {
  const key = JSON.stringify(given);
  if (!kept.has(key)) kept.set(key, await trainingData(await open(given)));
  return kept.get(key);
}
