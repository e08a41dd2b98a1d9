import { type EngineModel, GauntletError, type ImageOrder } from '@gauntlet/api';
import type { Preprocess } from './preprocess.js';

/** The shape the model is called with; -1 (dynamic) takes the image's size. */
export function matchShapes(
  model: readonly number[],
  image: readonly [number, number, number],
  path: string,
): number[] {
  const [h, w, c] = image;
  const grey = [
    [h, w],
    [h * w, 1],
  ];
  const candidates = [[h, w, c], [h * w * c], ...(c === 1 ? grey : [])];
  const found = candidates.find(
    (shape) => shape.length === model.length && shape.every((size, i) => model[i] < 0 || model[i] === size),
  );
  if (found) return found;
  throw new GauntletError(
    'model-shape',
    `${path} takes inputs of shape [${model.join(', ')}], the dataset gives [${image.join(', ')}]. ` +
      'Use a dataset of that shape (a flat input of height × width × channels numbers is fine too).',
  );
}

/**
 * The order in which a flat input takes the numbers of an image, as the spec says or else as the file tells; nothing where
 * there is only one order.
 * @throws GauntletError where both are silent, and for a `layout` that orders nothing
 */
export function flatOrder(
  { model: path, preprocess }: { model: string; preprocess: Preprocess },
  model: Pick<EngineModel, 'flatOrder'>,
  modelShape: readonly number[],
  [h, w, c]: readonly [number, number, number],
  notes: string[],
): ImageOrder | undefined {
  const stated = preprocess.layout;
  if (modelShape.length > 1) {
    if (stated === undefined) return undefined;
    throw new GauntletError(
      'model-shape',
      `${path} takes images of [${modelShape.join(', ')}]; "layout" is the order of flat inputs alone. Take "preprocess: { layout: ${stated} }" out.`,
    );
  }
  if (c === 1) return undefined;
  const order = stated ?? model.flatOrder;
  if (!order) {
    throw new GauntletError(
      'model-shape',
      `${path} takes ${h * w * c} numbers for an image of [${h}, ${w}, ${c}] and does not tell in which order. Write preprocess: { layout: nchw } if it was trained on images flattened channel by channel (PyTorch), layout: nhwc if pixel by pixel (Keras, NumPy images).`,
    );
  }
  const words = order === 'nchw' ? 'channel by channel' : 'pixel by pixel';
  notes.push(
    `The model takes flat inputs: images are flattened ${words} (layout: ${order}), as ${stated ? 'the spec says' : 'the file tells'}.`,
  );
  return order;
}
