// bars.mjs — dataset: { format: plugin, use: ./bars.mjs, params: { count: 20 } }
import { blockSource, defineDataset, Stream } from '@gauntlet/api';

const [side, one] = [28, 1];

export default defineDataset({
  name: 'bars',
  version: 1,
  description: 'Upright bars at random places, 28×28: what a classifier of digits should call a one',
  params: {
    type: 'object',
    additionalProperties: false,
    properties: { count: { type: 'integer', minimum: 1, default: 20, description: 'How many images' } },
  },
  load({ count }) {
    const pixels = new Uint8Array(count * side * side);
    for (let i = 0; i < count; i++) {
      // One stream an image: the same images, whichever of them are taken.
      const stream = new Stream('bars', i);
      const [left, top, width] = [stream.integer(4) + 11, stream.integer(4) + 3, stream.integer(2) + 3];
      for (let y = top; y < top + 20; y++)
        pixels.fill(250, (i * side + y) * side + left, (i * side + y) * side + left + width);
    }
    return blockSource(pixels, [side, side, 1], { labels: new Int32Array(count).fill(one) });
  },
});
