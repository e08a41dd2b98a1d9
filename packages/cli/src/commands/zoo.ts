import path from 'node:path';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { GauntletError } from '@gauntlet/api';
import { collapsedBelow, loadDataset, openDataset } from '@gauntlet/core';
import type { TrainingData } from '@gauntlet/zoo';
import { builtIn, packages } from '../built-in.js';
import { exitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

/** Loaded where it is needed: no other command trains. */
const zoo = () => import('@gauntlet/zoo');

export const command = 'zoo';
export const describe = "The paper's autoencoders and classifiers: list them, train one";

const trainOptions = (yargs: Argv) =>
  yargs
    .positional('architecture', {
      type: 'string',
      demandOption: true,
      describe: 'As gauntlet zoo list shows it',
    })
    .option('dataset', {
      type: 'string',
      requiresArg: true,
      demandOption: true,
      describe:
        "Training images, as a spec's dataset: '{ format: idx, images: ./train.gz }', or the name of a dataset plugin",
    })
    .option('test', {
      type: 'string',
      requiresArg: true,
      describe:
        'Test images, in the same way; without them, the last tenth of the dataset is kept for the test',
    })
    .option('out', {
      type: 'string',
      requiresArg: true,
      demandOption: true,
      describe: 'Folder to write model.json, weights.bin and card.json into',
    })
    .option('epochs', { type: 'number', requiresArg: true, describe: "Instead of the paper's" })
    .option('batch-size', { type: 'number', requiresArg: true, describe: "Instead of the paper's" })
    .option('seed', {
      type: 'number',
      requiresArg: true,
      default: 0,
      describe: 'Initial weights and order of the images',
    })
    .option('engine', {
      type: 'string',
      requiresArg: true,
      default: 'auto',
      describe: 'tfjs:tensorflow-gpu, tfjs:tensorflow, tfjs:wasm; the first of these that starts',
    })
    .example(
      "$0 zoo train conv-autoencoder --dataset '{ format: idx, images: ./train-images.gz }' --out models/conv",
      'a victim for MINE-UAE',
    );

type TrainOptions = ArgumentsCamelCase<Awaited<ReturnType<typeof trainOptions>['argv']>>;

export const list = {
  command: 'list',
  describe: 'Show every architecture',
  handler: async (_options: object, { stdout }: Io): Promise<number> => {
    const { recipes } = await zoo();
    for (const { name, reference, epochs, batchSize } of recipes)
      stdout.write(`${name}\n  ${reference}\n  ${epochs} epochs, batch ${batchSize}\n`);
    return exitCode.held;
  },
};

export const train = {
  command: 'train <architecture>',
  describe: 'Train one and write it with its model card',
  builder: trainOptions,
  handler: trainOne,
};

async function trainOne(options: TrainOptions, { cwd, stdout, stderr }: Io): Promise<number> {
  const { chooseTrainingEngine, findRecipe, openTrainingEngine, saveNetworks, trainingData, trainRecipe } =
    await zoo();
  const recipe = findRecipe(options.architecture);
  for (const [name, value] of Object.entries({ epochs: options.epochs, 'batch-size': options.batchSize })) {
    if (value !== undefined && !(Number.isInteger(value) && value > 0))
      throw new GauntletError('usage', `--${name} must be an integer of at least 1.`);
  }
  const load = async (text: string) => {
    const { config, name } = await loadDataset(text, cwd, { builtIn: await builtIn(), packages });
    const dataset = await openDataset(config, options.seed);
    return { name, hash: await dataset.hash(), data: await trainingData(dataset) };
  };
  const training = await load(options.dataset);
  const test = options.test === undefined ? undefined : await load(options.test);
  const [data, held] = test ? [training.data, test.data] : split(training.data);
  const engine = await chooseTrainingEngine(options.engine);
  await openTrainingEngine(engine);
  const started = Date.now();
  const total = options.epochs ?? recipe.epochs;
  const result = await trainRecipe(recipe, {
    data,
    test: held,
    epochs: options.epochs,
    batchSize: options.batchSize,
    seed: options.seed,
    onEpoch(epoch, loss) {
      const left = ((Date.now() - started) / 1000 / epoch) * (total - epoch);
      stdout.write(`epoch ${epoch}/${total}: loss ${loss.toPrecision(4)}, about ${left.toFixed(0)} s left\n`);
    },
  });
  const { networks, epochs, batchSize, testError, testAccuracy, varianceKept } = result;
  const out = path.resolve(cwd, options.out);
  await saveNetworks(networks, out, {
    architecture: recipe.name,
    reference: recipe.reference,
    inputs: `[n, ${data.shape.join(', ')}] in [0, 1]`,
    data: { name: training.name, images: data.count, sha256: training.hash },
    test: {
      name: test?.name ?? 'the last tenth of the dataset',
      images: held.count,
      meanSquaredError: testError,
      varianceKept,
      accuracy: testAccuracy,
    },
    training: { epochs, batchSize, seed: options.seed, engine },
    madeBy: `gauntlet zoo train ${recipe.name} --dataset '${options.dataset}'${test ? ` --test '${options.test}'` : ''} --epochs ${epochs} --batch-size ${batchSize} --seed ${options.seed} --engine ${engine}`,
  });
  const measured =
    testError === undefined ? `accuracy ${testAccuracy}` : `mean squared error ${testError.toPrecision(4)}`;
  stdout.write(`${measured} on ${held.count} test images\n${path.join(out, 'model.json')}\n`);
  if (varianceKept !== undefined && varianceKept < collapsedBelow)
    stderr.write(
      `The autoencoder has collapsed: it gives nearly the same for every image (its outputs have ${(varianceKept * 100).toPrecision(2)} % of the variance of the test images), so that no attack says anything about it. Train it for longer or on more images, or take another architecture.\n`,
    );
  return exitCode.held;
}

/** Nine tenths and one. */
function split({ count, shape, images, labels }: TrainingData): [TrainingData, TrainingData] {
  const first = Math.ceil(count * 0.9);
  const size = images.length / count;
  const part = (from: number, to: number): TrainingData => ({
    count: to - from,
    shape,
    images: images.subarray(from * size, to * size),
    labels: labels?.subarray(from, to),
  });
  return [part(0, first), part(first, count)];
}
