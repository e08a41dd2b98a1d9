import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { stringify } from 'yaml';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { GauntletError, reasonOf } from '@gauntlet/api';
import { loadSpec, openEngine } from '@gauntlet/core';
import { builtIn, packages } from '../built-in.js';
import { exitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

export const command = 'init [model]';
export const describe =
  'Write a working spec for a model (for the shipped digit classifier, if none is named)';

export const builder = (yargs: Argv) =>
  yargs
    .positional('model', {
      type: 'string',
      describe: 'Model: an .onnx file, or a TensorFlow.js folder or model.json',
    })
    .option('images', { type: 'string', requiresArg: true, describe: 'IDX or .npy file with images' })
    .option('labels', { type: 'string', requiresArg: true, describe: 'IDX or .npy file with labels' })
    .option('folder', {
      type: 'string',
      requiresArg: true,
      describe: 'Folder with one sub-folder of images per class',
    })
    .option('cifar10', { type: 'string', requiresArg: true, describe: 'CIFAR-10 binary file' })
    .option('bounds', {
      type: 'number',
      array: true,
      default: [0, 1],
      describe: 'Smallest and largest input value',
    })
    .option('out', {
      type: 'string',
      requiresArg: true,
      default: 'model.robust.yaml',
      describe: 'File to write',
    })
    .option('force', { type: 'boolean', default: false, describe: 'Overwrite it' });

type Options = ArgumentsCamelCase<Awaited<ReturnType<typeof builder>['argv']>>;

const standard = { shape: [28, 28, 1], kind: 'classifier' } as const;
const shipped = '@gauntlet/zoo/models/digits-cnn/model.json';

export async function handler(options: Options, { cwd, stdout }: Io): Promise<number> {
  const out = path.resolve(cwd, options.out);
  if (existsSync(out) && !options.force)
    throw new GauntletError('usage', `${out} is there already. Use --force or another --out.`);
  const from = (file: string) =>
    `./${path.relative(path.dirname(out), path.resolve(cwd, file)).split(path.sep).join('/')}`;
  const { shape, kind } =
    options.model === undefined ? standard : await look(path.resolve(cwd, options.model));
  const dataset = chooseDataset(options, from, shape);
  const range = options.bounds[1] - options.bounds[0];
  const spec = {
    victim: {
      model: options.model === undefined ? shipped : from(options.model),
      kind,
      bounds: options.bounds,
    },
    dataset: { ...dataset, take: 100 },
    seed: 1,
    attacks: attacksFor[kind](range),
  };
  const text = [
    '# A robustness spec: gauntlet run ' + path.basename(out),
    '# The limits are a starting point; set them to what your model has to withstand.',
    stringify(spec),
  ].join('\n');
  try {
    writeFileSync(out, text);
  } catch (error) {
    throw new GauntletError('usage', `${out} cannot be written: ${reasonOf(error)}`);
  }
  await loadSpec(out, { builtIn: await builtIn(), packages });
  stdout.write(`${out}\nRun it: gauntlet run ${options.out}\n`);
  return exitCode.held;
}

/** Limits that a model may well miss: what matters is that there are some to change. */
const attacksFor = {
  classifier: (range: number) => [
    {
      use: 'noise',
      params: { epsilon: 0.1 * range },
      expect: { cleanAccuracy: { min: 0.8 }, asr: { max: 0.05 } },
    },
    { use: 'pgd', params: { epsilon: 0.03 * range, steps: 20, restarts: 1 }, expect: { asr: { max: 0.2 } } },
    { use: 'minmax', params: { similarity: 'gaussian', epsilon: range, iterations: 100 } },
  ],
  autoencoder: (range: number) => [
    {
      use: 'gaussian',
      params: { sigma: 0.05 * range },
      expect: { reconstructionDegradation: { max: 0.1 } },
    },
    {
      use: 'mine-uae',
      params: { similarity: 'gaussian', initialC: 10, epsilon: range },
      expect: { mi: { min: 3 } },
    },
    { use: 'l2-uae', params: { epsilon: range } },
  ],
};

/** The input's shape, and whether the output has it too: an autoencoder. */
async function look(model: string): Promise<{ shape: readonly number[]; kind: keyof typeof attacksFor }> {
  const engine = await openEngine('auto');
  const loaded = await engine.load({ path: model, output: 'auto' });
  const { inputShape: shape } = loaded;
  const size = shape.reduce((a, b) => a * b, 1);
  if (size <= 0) return { shape, kind: 'classifier' };
  const x = tf.zeros([1, ...shape]);
  const output = await loaded.predict(x);
  const kind = output.size === size ? 'autoencoder' : 'classifier';
  tf.dispose([x, output]);
  loaded.dispose();
  return { shape, kind };
}

function chooseDataset(options: Options, from: (file: string) => string, shape: readonly number[]): object {
  if (options.images !== undefined) {
    const format = options.images.endsWith('.npy') ? 'npy' : 'idx';
    return {
      format,
      images: from(options.images),
      ...(options.labels !== undefined && { labels: from(options.labels) }),
    };
  }
  if (options.folder !== undefined) return { format: 'folder', path: from(options.folder) };
  if (options.cifar10 !== undefined) return { format: 'cifar10', files: from(options.cifar10) };
  const size = shape.reduce((a, b) => a * b, 1);
  if (size === 28 * 28) return { format: 'plugin', use: 'digits' };
  throw new GauntletError(
    'usage',
    `The model takes inputs of shape [${shape.join(', ')}]; name data for it with --images and --labels, --folder, or --cifar10.`,
  );
}
