import { existsSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { GauntletError, reasonOf } from '@gauntlet/api';
import type { DatasetConfig } from '../datasets/open-dataset.js';
import { loadPlugin, type PluginReference } from '../plugins/load-plugin.js';
import { type PluginPlaces, resolvePackage, resolvePlugin } from '../plugins/resolve-plugin.js';
import { checkAgainst } from './check-params.js';
import { specSchema } from './spec-schema.js';
import type { DatasetInput } from './spec.js';

/** A file beside the spec, or one inside an installed package (`@gauntlet/zoo/models/…`). */
export function findFile(given: string, folder: string, packages?: string): string | undefined {
  const file = path.resolve(folder, given);
  if (existsSync(file)) return file;
  if (/^[./]/.test(given) || path.isAbsolute(given)) return undefined;
  return resolvePackage(given, folder) ?? (packages && resolvePackage(given, packages));
}

/** `file` makes the path in an option absolute. */
export function datasetConfig(
  input: DatasetInput,
  file: (key: string, given: string) => string,
  resolve: (use: string) => PluginReference,
): DatasetConfig {
  switch (input.format) {
    case 'idx':
    case 'npy':
      return {
        ...input,
        images: file('images', input.images),
        labels: input.labels && file('labels', input.labels),
      };
    case 'cifar10':
    case 'parquet':
      return { ...input, files: [input.files].flat().map((one) => file('files', one)) };
    case 'cifar10-c':
      return { ...input, path: file('path', input.path) };
    case 'npz':
    case 'svhn':
      return { ...input, file: file('file', input.file) };
    case 'folder':
      return {
        ...input,
        path: file('path', input.path),
        ...(input.classIndex !== undefined && { classIndex: file('classIndex', input.classIndex) }),
      };
    case 'plugin': {
      const { use, params = {}, ...rest } = input;
      return { ...rest, plugin: resolve(use), params };
    }
  }
}

export function datasetName(input: DatasetInput): string {
  switch (input.format) {
    case 'idx':
    case 'npy':
      return input.images;
    case 'cifar10':
    case 'parquet':
      return [input.files].flat().join(', ');
    case 'cifar10-c':
      return `${input.path}/${input.corruption}${input.severity === undefined ? '' : `, severity ${input.severity}`}`;
    case 'folder':
      return input.path;
    case 'plugin':
      return input.use;
    default:
      return input.file;
  }
}

/**
 * A dataset as a spec has it, from text: YAML or JSON (`{ format: idx, images: … }`), or the name of a dataset
 * plugin. Paths are relative to `folder`.
 * @throws GauntletError `dataset-invalid`
 */
export async function loadDataset(
  text: string,
  folder: string,
  { builtIn, packages }: Omit<PluginPlaces, 'folder'>,
): Promise<{ config: DatasetConfig; name: string }> {
  const wrong = (message: string) => new GauntletError('dataset-invalid', `${text}: ${message}`);
  let given: unknown;
  try {
    given = parse(text);
  } catch (error) {
    throw wrong(
      `it is no YAML (${reasonOf(error)}). Write, for example, { format: idx, images: ./images.gz }.`,
    );
  }
  const input = (typeof given === 'string' ? { format: 'plugin', use: given } : given) as DatasetInput;
  const check = (complaints: ReturnType<typeof checkAgainst>) => {
    if (complaints.length > 0) throw wrong(complaints.map(({ message }) => message).join(' '));
  };
  check(checkAgainst(specSchema.properties.dataset, input));
  const file = (_: string, path_: string) => {
    const found = findFile(path_, folder, packages);
    if (!found) throw wrong(`there is no file ${path.resolve(folder, path_)}.`);
    return found;
  };
  const config = datasetConfig(input, file, (use) =>
    resolvePlugin('dataset', use, { builtIn, folder, packages }),
  );
  if (config.format === 'plugin')
    check(checkAgainst((await loadPlugin('dataset', config.plugin)).params, config.params));
  return { config, name: datasetName(input) };
}
