import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fit } from './fit.js';
import type { RawImage } from './raw-image.js';

const [width, height] = [37, 23];
const image: RawImage = {
  width,
  height,
  channels: 3,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    return (7 * x + 13 * y + 31 * c + x * y) % 256;
  }),
};
const hash = ({ data }: RawImage) => createHash('sha256').update(data).digest('hex').slice(0, 16);

// From torchvision 0.29.2 on Pillow 13.0.0: the same image through Resize(size, interpolation), CenterCrop and convert('L').
describe('fit gives the bytes of torchvision’s transforms', () => {
  it.each([
    [16, 'nearest', [25, 16], '9921c732ee1d1945'],
    [16, 'bilinear', [25, 16], '3588d0ba872914b5'],
    [16, 'bicubic', [25, 16], '958868f710c2e4d6'],
    [16, 'lanczos', [25, 16], 'b45c249d7bd94a5b'],
    [[9, 31], 'nearest', [31, 9], '75cb45420bcc32d7'],
    [50, 'nearest', [80, 50], 'b2842bc24f85bc69'],
    [50, 'bilinear', [80, 50], '2d0f1a7e18e9fc4b'],
    [50, 'bicubic', [80, 50], 'b487fab29e8b7b21'],
    [50, 'lanczos', [80, 50], '174ce89e615e6d62'],
  ] as const)('Resize(%j, %s)', (resize, interpolation, [w, h], expected) => {
    const found = fit(image, { resize, interpolation });
    expect([found.width, found.height]).toEqual([w, h]);
    expect(hash(found)).toBe(expected);
  });

  it('CenterCrop and gray', () => {
    expect(hash(fit(image, { centerCrop: 12 }))).toBe('b482d226d4101c06');
    expect(hash(fit(image, { centerCrop: [10, 13] }))).toBe('b8a6b05eb5bd1d8c');
    expect(hash(fit(image, { channels: 1 }))).toBe('edcefdd9c83acf65');
  });

  it('refuses a crop that is larger than the image', () => {
    expect(() => fit(image, { centerCrop: 24 })).toThrow(
      'centerCrop takes 24 × 24 pixels, and it has 23 × 37',
    );
  });
});
