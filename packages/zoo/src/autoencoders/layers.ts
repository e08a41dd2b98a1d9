import * as tfl from '@tensorflow/tfjs-layers';
import type { ImageShape } from '../recipe.js';

/** Layers whose initial weights follow from one seed. */
export function seededLayers(seed: number) {
  let offset = 0;
  const init = () => ({
    kernelInitializer: tfl.initializers.glorotUniform({ seed: seed * 1000 + ++offset }),
  });
  return {
    dense: (units: number, activation: 'relu' | 'sigmoid' | 'linear', name?: string) =>
      tfl.layers.dense({ units, activation, name, ...init() }),
    conv: (
      filters: number,
      kernelSize: number,
      activation: 'relu' | 'sigmoid',
      padding: 'same' | 'valid' = 'same',
    ) => tfl.layers.conv2d({ filters, kernelSize, activation, padding, ...init() }),
  };
}

export const sizeOf = ([h, w, c]: ImageShape) => h * w * c;

/** From an image to an image by way of dense layers. */
export const dense = (shape: ImageShape, layers: tfl.layers.Layer[]) =>
  tfl.sequential({
    layers: [
      tfl.layers.flatten({ inputShape: shape }),
      ...layers,
      tfl.layers.reshape({ targetShape: shape }),
    ],
  });
