import { defineDataset, type BlockSource } from '@gauntlet/api';
import { digitLabel, renderDigit, side } from './render.js';

/** Images `from` … `from + count − 1` of a seed, each rendered when it is first asked for. */
export function syntheticDigits(count: number, seed: number, from = 0): BlockSource {
  const rendered: Uint8Array[] = [];
  return {
    count,
    shape: [side, side, 1],
    labels: Int32Array.from({ length: count }, (_, i) => digitLabel(seed, from + i)),
    classNames: [...'0123456789'],
    pixels: (i) => (rendered[i] ??= renderDigit(seed, from + i).pixels),
  };
}

/** `dataset: { format: plugin, use: digits }`: rendered when asked for, nothing to download. */
export const digits = defineDataset({
  name: 'digits',
  version: 1,
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
  load: (params) => syntheticDigits(params.count, params.seed),
});
