import { blockSource, defineDataset, type ImageSource } from '@gauntlet/core';
import { renderDigit, side } from './render.js';

/** Images `from` … `from + count − 1` of a seed. */
export function syntheticDigits(count: number, seed: number, from = 0): ImageSource {
  const block = new Uint8Array(count * side * side);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const { pixels, label } = renderDigit(seed, from + i);
    block.set(pixels, i * side * side);
    labels[i] = label;
  }
  return blockSource(block, [side, side, 1], { labels, classNames: [...'0123456789'] });
}

/** `dataset: { format: plugin, use: digits }`: rendered when asked for, nothing to download. */
export const digits = defineDataset({
  name: 'digits',
  description: 'Synthetic 28×28 digits: pen strokes rendered with jitter',
  params: {
    type: 'object',
    additionalProperties: false,
    properties: {
      count: {
        type: 'integer',
        minimum: 1,
        maximum: 60000,
        default: 1000,
        description: 'How many there are to take from',
      },
      seed: {
        type: 'integer',
        minimum: 0,
        default: 1,
        description: 'Test images; the shipped model was trained on seed 0',
      },
    },
  },
  load: (params) => syntheticDigits(params.count as number, params.seed as number),
});
