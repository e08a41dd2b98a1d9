import { type EngineModel, GauntletError, type ModelKind } from '@gauntlet/api';
import type { VictimTraits } from './loaded-victim.js';
import { readScores } from './scores.js';

/** What the spec says of it. */
type Declared = Parameters<typeof readScores>[0] & { bounds: readonly [number, number] };
type Probed = Parameters<typeof readScores>[2] & { imageShape: readonly [number, number, number] };

/** What the outputs of a model mean, by the kind that it is said to be, after a look whether they can be that. */
export const outputTraits: {
  readonly [K in ModelKind]: (
    config: Declared,
    model: EngineModel,
    probe: Probed,
  ) => Pick<VictimTraits, 'classes' | 'outputScale'> & Partial<Pick<VictimTraits, 'binary'>>;
} = {
  classifier: readScores,
  autoencoder(config, _, { shape, rows, imageShape }) {
    checkReconstruction(config, imageShape, shape, rows);
    return { classes: 0, outputScale: 'reconstruction' };
  },
  encoder(config, _, { rows }) {
    checkEmbedding(config, rows);
    return { classes: 0, outputScale: 'embedding' };
  },
};

/** An embedding has a direction, and not the same one for whatever image. */
function checkEmbedding({ model }: Declared, rows: readonly Float32Array[]): void {
  const [first, ...others] = rows;
  if (first.length < 2)
    throw new GauntletError(
      'model-shape',
      `${model} is declared as an encoder, but gives one number for an image: an embedding has two or more.`,
    );
  if (others.every((row) => row.every((value, i) => value === first[i])))
    throw new GauntletError(
      'model-output',
      `${model} gives the same embedding for a black, a white and three random images: it encodes nothing. Look whether "bounds" and "preprocess" are those that it was trained with.`,
    );
}

/** An autoencoder gives back what it gets: the same shape, in the same units. `rows` begin with the darkest and the brightest image. */
function checkReconstruction(
  { model, bounds: [low, high] }: Declared,
  image: readonly [number, number, number],
  [, ...output]: readonly number[],
  rows: readonly Float32Array[],
): void {
  const [h, w, c] = image;
  const size = h * w * c;
  const width = rows[0].length;
  if (width !== size) {
    const hint = width < 1001 && output.length === 1 ? ' If it is a classifier, write kind: classifier.' : '';
    throw new GauntletError(
      'model-shape',
      `${model} is declared as an autoencoder, but gives ${width} numbers for an input of ${size} ([${output.join(', ')}] for [${image.join(', ')}]): a reconstruction has the shape of the input.${hint}`,
    );
  }
  const fits = [[size], [h, w, c], ...(c === 1 ? [[h, w]] : [])].some(
    (shape) => shape.join() === output.join(),
  );
  if (!fits) {
    throw new GauntletError(
      'model-shape',
      `${model} gives reconstructions of shape [${output.join(', ')}] for inputs of [${image.join(', ')}]: a reconstruction has the shape of the input (or is flat).`,
    );
  }
  const [least, most] = rows
    .flatMap((row) => [...row])
    .reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  if ((low < 0 || high > 1) && least >= 0 && most <= 1) {
    throw new GauntletError(
      'model-output',
      `${model} gives reconstructions within [0, 1] (a sigmoid, it seems) for inputs within [${low}, ${high}]: they cannot be compared. Set bounds: [0, 1], or let the model end in the range of its inputs.`,
    );
  }
}
