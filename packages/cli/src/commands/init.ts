import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Argv, ArgumentsCamelCase } from 'yargs';
import { GauntletError, reasonOf } from '@gauntlet/api';
import { loadSpec, specName } from '@gauntlet/core';
import { percent, plainLines } from '@gauntlet/reporters';
import { builtIn, packages } from '../built-in.js';
import { exitCode } from '../exit-codes.js';
import { ciFile, type CiSystem, ciSystemOf, repositoryOf } from '../init/ci-file.js';
import { boundsOf, namedData, openData } from '../init/data.js';
import { lookAtModel, measure, type Measured, nearChance } from '../init/look.js';
import { attacksFor, type Ball, presetsFor } from '../init/presets.js';
import { specText } from '../init/spec-text.js';
import type { Io } from '../io.js';

export const command = 'init [model]';
export const describe =
  'Look at a model and its data and write a working spec (for the shipped digit classifier, if none is named)';

export const builder = (yargs: Argv) =>
  yargs
    .positional('model', {
      type: 'string',
      describe:
        'Model: an .onnx file, a TensorFlow.js folder or model.json, or a .keras or .h5 file of Keras',
    })
    .option('images', {
      type: 'string',
      requiresArg: true,
      describe: 'IDX, .npy or .npz file (arrays x and y) with images',
    })
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
      describe: 'Smallest and largest input value; those of the data by default',
    })
    .option('epsilon', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe:
        'norm:size for inputs in [0, 1], like linf:8/255 l2:0.5; what is usual for such images by default',
    })
    .option('ci', {
      choices: ['github', 'gitlab', 'none'] as const,
      describe: 'CI file to write; for the system that the repository uses by default',
    })
    .option('out', {
      type: 'string',
      requiresArg: true,
      default: 'model.robust.yaml',
      describe: 'File to write',
    })
    .option('yes', {
      alias: 'y',
      type: 'boolean',
      default: false,
      describe: 'Ask nothing, as without a terminal: take what was found',
    })
    .option('force', { type: 'boolean', default: false, describe: 'Overwrite the file' })
    .example('$0 init model.onnx --images x.npy --labels y.npy', 'a spec for a model of your own');

type Options = ArgumentsCamelCase<Awaited<ReturnType<typeof builder>['argv']>>;

/** Images that the spec attacks, and that clean accuracy is measured on. */
const most = 100;

const shipped = '@gauntlet/zoo/models/digits-cnn/model.json';

export async function handler(options: Options, io: Io): Promise<number> {
  const { cwd, stdout } = io;
  const say = (line: string) => stdout.write(`${plainLines(line)}\n`);
  const out = path.resolve(cwd, options.out);
  const folder = path.dirname(out);
  if (existsSync(out) && !options.force)
    throw new GauntletError('usage', `${out} is there already. Use --force or another --out.`);
  const from = (file: string) => {
    const relative = path.relative(folder, path.resolve(cwd, file)).split(path.sep).join('/');
    return relative.startsWith('../') ? relative : `./${relative}`;
  };
  const model = options.model === undefined ? shippedModel() : path.resolve(cwd, options.model);
  const named = await namedData(options, from, cwd);
  const { data, dataset } = await openData(named ?? digitsFor((await lookAtModel(model)).shape), folder);
  const { kind, orders } = await lookAtModel(model, data.imageShape);
  const ask = options.yes ? undefined : io.ask;

  const bounds = (options.bounds as [number, number] | undefined) ?? (await boundsOf(data));
  const layout = dataset.layout ? ' (channels first in the file)' : '';
  say(
    `model: ${kind}; data: ${data.indices.length} images of ${data.imageShape.join('×')}${layout}, in [${bounds.join(', ')}]`,
  );
  const measured = kind === 'classifier' ? await measure(model, data, bounds, most, orders) : undefined;
  if (measured) for (const line of accuracyLines(measured)) say(line);
  const found = options.epsilon?.map(parseBall) ?? presetsFor(data.imageShape);
  const balls =
    kind === 'classifier' && ask && !options.epsilon
      ? (await ask('Epsilon, for inputs in [0, 1]', found.map(ballText).join(' ')))
          .split(/\s+/)
          .map(parseBall)
      : found;

  const range = bounds[1] - bounds[0];
  const attacks: { expect: object }[] = attacksFor[kind](balls, range);
  if (measured) attacks[0].expect = { cleanAccuracy: { min: floor(measured.chosen) }, ...attacks[0].expect };
  const preprocess = measured?.chosen.preprocess ?? {};
  const spec = {
    victim: {
      model: options.model === undefined ? shipped : from(options.model),
      kind,
      bounds,
      ...(Object.keys(preprocess).length > 0 && { preprocess }),
    },
    dataset: { ...dataset, take: Math.min(most, data.indices.length) },
    seed: 1,
    attacks,
  };
  write(out, specText(spec, out));
  await loadSpec(out, { builtIn: await builtIn(), packages });
  say(out);
  const repository = repositoryOf(folder);
  const system = options.ci ?? (repository === undefined ? 'none' : ciSystemOf(repository));
  const ci = writeCi(system, repository ?? cwd, out);
  if (ci) say(ci);
  const name = specName(out);
  const shown = path.relative(cwd, path.join(folder, 'gauntlet-report', name));
  say(`Run it: gauntlet run ${options.out}`);
  say(
    `Keep what it withstands: gauntlet bless ${shown} ${path.relative(cwd, path.join(folder, `${name}.baseline.json`))}`,
  );
  return exitCode.held;
}

const shippedModel = (): string =>
  fileURLToPath(import.meta.resolve('@gauntlet/zoo/models/digits-cnn/model.json'));

function digitsFor(shape: readonly number[]): object {
  if (shape.reduce((a, b) => a * b, 1) === 28 * 28) return { format: 'plugin', use: 'digits' };
  throw new GauntletError(
    'usage',
    `The model takes inputs of shape [${shape.join(', ')}]; name data for it with --images and --labels, --folder, or --cifar10.`,
  );
}

/** Two in a hundred below what was measured, so that a gate is about the model and not about chance. */
const floor = ({ accuracy }: Measured) => Math.max(0, Number((accuracy - 0.02).toFixed(2)));

function accuracyLines({ chosen, plain }: { chosen: Measured; plain: Measured }): string[] {
  const { accuracy, classes, n, name } = chosen;
  const how = chosen === plain ? '' : `, with images ${name} (${percent(plain.accuracy)} as they are)`;
  const { layout } = chosen.preprocess;
  const flat = layout ? `, flattened ${layout === 'nchw' ? 'channel by channel' : 'pixel by pixel'}` : '';
  return [
    `clean accuracy: ${percent(accuracy)} of ${n} images${flat}${how}`,
    ...(nearChance(chosen)
      ? [
          `WARNING: that is what guessing among ${classes} classes gives. Look at the order of the classes, the labels, and how the model was fed in training (victim.preprocess, docs/guide/your-model.md) before you attack it.`,
        ]
      : []),
  ];
}

const ballText = ({ norm, epsilon }: Ball) => `${norm}:${epsilon}`;

function parseBall(text: string): Ball {
  const [, norm, epsilon] = /^(linf|l2):(\d+(?:\.\d+)?(?:\/\d+)?)$/.exec(text) ?? [];
  if (norm === undefined)
    throw new GauntletError('usage', `--epsilon ${text}: write norm:size, like linf:8/255 or l2:0.5.`);
  return { norm: norm as Ball['norm'], epsilon };
}

function write(file: string, text: string): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new GauntletError('usage', `${file} cannot be written: ${reasonOf(error)}`);
  }
}

/** What is there already is the user's own. */
function writeCi(system: CiSystem, repository: string, out: string): string | undefined {
  const ci = ciFile(system, path.relative(repository, out).split(path.sep).join('/'));
  if (!ci) return undefined;
  const file = path.join(repository, ci.file);
  if (existsSync(file)) return `${file} is there already, and left as it is.`;
  write(file, ci.text);
  return file;
}
