import { AsyncLocalStorage } from 'node:async_hooks';
import { didYouMean, GauntletError } from '@gauntlet/api';
import type { ModelFiles } from './model-json.js';
import { tfl } from './tfl.js';

/** What the weights of a model that is being loaded may still take. */
interface Room {
  file: string;
  /** Numbers in its files of weights. */
  stored: number;
  left: number;
}

const rooms = new AsyncLocalStorage<Room>();
const sizeOf = (shape: readonly (number | null)[]) => shape.reduce<number>((a, b) => a * (b ?? 1), 1);

/** Not among the public types: layers make all of their weights by it. */
const layer = tfl.layers.Layer.prototype as unknown as {
  name: string;
  addWeight: (name: string, shape: number[], ...rest: unknown[]) => unknown;
};
const { addWeight } = layer;

layer.addWeight = function (this: typeof layer, name, shape, ...rest) {
  const room = rooms.getStore();
  const size = sizeOf(shape);
  if (room && !(size <= room.left))
    throw new GauntletError(
      'model-weights',
      `${room.file} has a layer "${this.name}" with a weight "${name}" of [${shape.join(', ')}]; all of its weights together are ${room.stored} numbers. Convert the model again.`,
    );
  if (room) room.left -= size;
  return addWeight.call(this, name, shape, ...rest);
};

/** Numbers that one layer may give for one image: 8 GiB. */
const mostOutputs = 2 ** 31;

/**
 * Builds the layers of a model and reads its weights. TensorFlow.js fills every weight with initial values first: what a
 * topology asks for beyond the weights that are in the files is refused before memory is taken for it, and so is a layer whose
 * output no memory could hold.
 * @throws GauntletError `model-weights`, `model-shape`
 */
export async function buildLayers(
  { path: file, artifacts }: ModelFiles,
  outputName?: string,
): Promise<tfl.LayersModel> {
  const stored = (artifacts.weightSpecs ?? []).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const model = await rooms.run({ file, stored, left: stored }, () =>
    tfl.loadLayersModel({ load: async () => artifacts }),
  );
  for (const { name, outputShape } of model.layers) {
    const shapes = (Array.isArray(outputShape[0]) ? outputShape : [outputShape]) as (number | null)[][];
    const large = shapes.find((shape) => !(sizeOf(shape) <= mostOutputs));
    if (!large) continue;
    model.dispose();
    throw new GauntletError(
      'model-shape',
      `${file} has a layer "${name}" that gives [${large.slice(1).join(', ')}] numbers for an image, more than ${mostOutputs}. Convert the model again.`,
    );
  }
  return oneOutput(model, file, outputName);
}

/** The model up to the output of this name, which is that of its layer; as it is where it has one output and none is named. */
function oneOutput(model: tfl.LayersModel, file: string, name: string | undefined): tfl.LayersModel {
  const { inputs, outputs, outputNames } = model;
  if (name === undefined && outputs.length === 1) return model;
  const at = outputNames.indexOf(name ?? '');
  if (at >= 0) return tfl.model({ inputs, outputs: outputs[at] });
  model.dispose();
  throw new GauntletError(
    'model-shape',
    name === undefined
      ? `${file} has the outputs ${outputNames.join(', ')}. Write which of them is meant: output: ${outputNames.at(-1)}.`
      : `${file} has no output "${name}".${didYouMean(name, outputNames)} It has ${outputNames.join(', ')}.`,
  );
}
