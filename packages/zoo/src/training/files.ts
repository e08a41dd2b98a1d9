import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tfl from '@tensorflow/tfjs-layers';
import { GauntletError, reasonOf, tf } from '@gauntlet/api';
import type { Networks } from '../recipe.js';

/** What is written beside a model: how it was made and how good it is. */
export type ModelCard = Record<string, unknown> & { architecture?: string };

/** Writes model.json, weights.bin and card.json. */
export async function saveModel(model: tfl.LayersModel, folder: string, card: ModelCard): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await model.save({
    save: async (artifacts) => {
      const weights = Buffer.from(artifacts.weightData as ArrayBuffer);
      const json = {
        format: 'layers-model',
        generatedBy: 'gauntlet zoo',
        modelTopology: artifacts.modelTopology,
        weightsManifest: [{ paths: ['weights.bin'], weights: artifacts.weightSpecs }],
      };
      writeFileSync(path.join(folder, 'weights.bin'), weights);
      writeFileSync(path.join(folder, 'model.json'), `${JSON.stringify(json)}\n`);
      const full = {
        ...card,
        parameters: model.countParams(),
        weightsSha256: createHash('sha256').update(weights).digest('hex'),
      };
      writeFileSync(path.join(folder, 'card.json'), `${JSON.stringify(full, null, 2)}\n`);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
}

/** The model, with what it was trained with in folders beside it. */
export async function saveNetworks(
  { model, companions }: Networks,
  folder: string,
  card: ModelCard,
): Promise<void> {
  await saveModel(model, folder, card);
  for (const [name, network] of Object.entries(companions))
    await saveModel(network, path.join(folder, name), {});
}

interface Manifest {
  format?: string;
  modelTopology: object;
  weightsManifest: { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[];
}

const folderOf = (given: string) => (path.extname(given) === '.json' ? path.dirname(given) : given);

/**
 * The model.json of a model that can be trained: a folder or the file itself.
 * @throws GauntletError `model-load`
 */
export function readTrainable(given: string): Manifest {
  const file = path.extname(given) === '.json' ? given : path.join(given, 'model.json');
  const wrong = (why: string, cause?: unknown) =>
    new GauntletError('model-load', `${file} cannot be loaded for training: ${why}`, { cause });
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch (error) {
    throw wrong(reasonOf(error), error);
  }
  if (manifest.format === 'graph-model')
    throw wrong('a GraphModel cannot be trained. Save the model as a LayersModel.');
  if (!manifest.modelTopology || !manifest.weightsManifest)
    throw wrong('it is no LayersModel (no modelTopology or no weightsManifest).');
  return manifest;
}

async function loadModel(given: string): Promise<tfl.LayersModel> {
  const { modelTopology, weightsManifest } = readTrainable(given);
  try {
    const files = weightsManifest.flatMap(({ paths }) => paths);
    const bytes = Buffer.concat(files.map((name) => readFileSync(path.join(folderOf(given), name))));
    const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
    return await tfl.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  } catch (error) {
    throw new GauntletError('model-load', `${given} cannot be loaded for training: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** Where the discriminator of an adversarial autoencoder is, if it is there. */
export function findDiscriminator(given: string): string | undefined {
  const folder = path.join(folderOf(given), 'discriminator');
  return existsSync(folder) ? folder : undefined;
}

/** The networks of a folder that `saveNetworks` wrote. */
export async function loadNetworks(given: string): Promise<Networks> {
  const discriminator = findDiscriminator(given);
  return {
    model: await loadModel(given),
    companions: discriminator ? { discriminator: await loadModel(discriminator) } : {},
  };
}

/** The card beside a model, if there is one. */
export function readCard(given: string): ModelCard | undefined {
  const file = path.join(folderOf(given), 'card.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ModelCard) : undefined;
}
