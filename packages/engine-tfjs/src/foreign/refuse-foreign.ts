import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { GauntletError } from '@gauntlet/api';
import { fileFormats, type ForeignFormat, type KerasFormat } from './file-formats.js';
import { readEnds } from './read-ends.js';

/** The Keras format of a file, or nothing where it is of another. */
export async function kerasFormat(model: string): Promise<KerasFormat | undefined> {
  const found = await stat(model).catch(() => undefined);
  const format = found?.isFile() ? await ofFile(model, found.size) : undefined;
  return format?.keras && { ...format, keras: format.keras };
}

/**
 * Refuses a model of another framework by name, with the line that exports ONNX from it. Files are told by their content. What
 * is not recognised, what cannot be read, and models of Keras by names of their own are left to who opens the model.
 * @throws GauntletError `model-foreign`
 */
export async function refuseForeign(model: string): Promise<void> {
  const found = await stat(model).catch(() => undefined);
  const format: (ForeignFormat & { keras?: unknown }) | undefined = found?.isFile()
    ? await ofFile(model, found.size)
    : found?.isDirectory()
      ? await ofFolder(model)
      : undefined;
  if (format && (!format.keras || path.extname(model) === '.onnx'))
    throw new GauntletError('model-foreign', `${model} is ${format.is}. ${format.way(path.basename(model))}`);
}

async function ofFile(file: string, size: number) {
  const ends = await readEnds(file, size).catch(() => undefined);
  return ends && fileFormats.find(({ test }) => test(ends, path.extname(file).toLowerCase()));
}

/** What a folder holds, by the names in it. */
const folderFormats: (ForeignFormat & { holds: RegExp })[] = [
  {
    holds: /^saved_model\.pb(txt)?$/,
    is: 'a TensorFlow SavedModel',
    way: (folder) => `Convert it: python -m tf2onnx.convert --saved-model ${folder} --output model.onnx`,
  },
  {
    holds: /^(model.*\.safetensors|pytorch_model.*\.bin)$/,
    is: 'a model folder of Hugging Face, in PyTorch',
    way: (folder) => `Export it: optimum-cli export onnx --model ${folder} onnx`,
  },
  {
    holds: /^com\.apple\.CoreML$/,
    is: 'a Core ML package',
    way: () => 'Core ML cannot be converted back: export the model that it was made from to ONNX.',
  },
  {
    holds: /\.onnx$/,
    is: 'a folder, and holds ONNX files',
    way: () => 'Name one of the files.',
  },
];

async function ofFolder(folder: string): Promise<ForeignFormat | undefined> {
  const names = await readdir(folder).catch((): string[] => []);
  if (names.includes('model.json')) return undefined;
  const inside = names.includes('Data') ? await readdir(path.join(folder, 'Data')).catch(() => []) : [];
  return folderFormats.find(({ holds }) => [...names, ...inside].some((name) => holds.test(name)));
}
