import { describe, expect, it } from 'vitest';
import { readBmp } from './read-bmp.js';

interface Parts {
  width: number;
  height: number;
  depth: number;
  compression?: number;
  /** What stands between the header and the pixels: a palette or masks. */
  between?: number[];
  pixels: number[];
}

/** A file of Windows 3, or with a header of OS/2 where it has 12 bytes. */
function bmp({ width, height, depth, compression = 0, between = [], pixels }: Parts, header = 40): Buffer {
  const start = 14 + header + between.length;
  const file = Buffer.alloc(start + pixels.length);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(start, 10);
  file.writeUInt32LE(header, 14);
  if (header === 12)
    for (const [i, value] of [width, height, 1, depth].entries()) file.writeUInt16LE(value, 18 + 2 * i);
  else {
    file.writeInt32LE(width, 18);
    file.writeInt32LE(height, 22);
    file.writeUInt16LE(depth, 28);
    file.writeUInt32LE(compression, 30);
  }
  file.set([...between, ...pixels], 14 + header);
  return file;
}
const rows = (file: Buffer) => {
  const { width, channels, data } = readBmp(file);
  const size = width * channels;
  return Array.from({ length: data.length / size }, (_, i) => [...data.subarray(i * size, (i + 1) * size)]);
};
const grays = Array.from({ length: 256 }, (_, i) => [i, i, i, 0]).flat();
/** Red and blue, as blue, green, red and a byte that says nothing. */
const redBlue = [0, 0, 255, 0, 255, 0, 0, 0];
const words = (...values: number[]) => values.flatMap((value) => [value & 255, (value >> 8) & 255]);
const masks = (...values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, 4 * i);
  return [...bytes];
};

// The values were seen to be those of Pillow 13.0.0 on files of Pillow and ImageMagick.
describe('readBmp', () => {
  it('reads blue, green and red from the last row to the first, each filled up to four bytes', () => {
    const pixels = [1, 2, 3, 0, 4, 5, 6, 0];
    expect(rows(bmp({ width: 1, height: 2, depth: 24, pixels }))).toEqual([
      [6, 5, 4],
      [3, 2, 1],
    ]);
    expect(rows(bmp({ width: 1, height: -2, depth: 24, pixels }))).toEqual([
      [3, 2, 1],
      [6, 5, 4],
    ]);
    expect(rows(bmp({ width: 1, height: 2, depth: 24, pixels }, 12))).toEqual([
      [6, 5, 4],
      [3, 2, 1],
    ]);
  });

  it('leaves out the fourth byte of 32 bits, and takes channels from where masks say', () => {
    const pixels = [1, 2, 3, 77];
    expect(rows(bmp({ width: 1, height: 1, depth: 32, pixels }))).toEqual([[3, 2, 1]]);
    const between = masks(0xff, 0xff00, 0xff0000);
    expect(rows(bmp({ width: 1, height: 1, depth: 32, compression: 3, between, pixels }))).toEqual([
      [1, 2, 3],
    ]);
    const top = masks(0xff000000, 0xff0000, 0xff00);
    expect(rows(bmp({ width: 1, height: 1, depth: 32, compression: 3, between: top, pixels }))).toEqual([
      [77, 3, 2],
    ]);
  });

  it('stretches channels of 16 bits to 0 … 255', () => {
    const pixels = words(0x7fff, (31 << 10) | (10 << 5) | 1, 0, 0);
    expect(rows(bmp({ width: 3, height: 1, depth: 16, pixels }))).toEqual([
      [255, 255, 255, 255, 82, 8, 0, 0, 0],
    ]);
    const between = masks(0xf800, 0x7e0, 0x1f);
    expect(
      rows(
        bmp({ width: 1, height: 1, depth: 16, compression: 3, between, pixels: words((33 << 5) | 31, 0) }),
      ),
    ).toEqual([[0, 133, 255]]);
  });

  it('looks up colours of a palette: one channel where all are gray', () => {
    expect(rows(bmp({ width: 3, height: 1, depth: 8, between: grays, pixels: [9, 0, 255, 0] }))).toEqual([
      [9, 0, 255],
    ]);
    const colours = [[255, 0, 0, 0, 0, 255]];
    expect(
      rows(bmp({ width: 2, height: 1, depth: 1, between: redBlue, pixels: [0b01000000, 0, 0, 0] })),
    ).toEqual(colours);
    expect(
      rows(bmp({ width: 2, height: 1, depth: 2, between: redBlue, pixels: [0b00010000, 0, 0, 0] })),
    ).toEqual(colours);
    expect(rows(bmp({ width: 2, height: 1, depth: 4, between: redBlue, pixels: [0x01, 0, 0, 0] }))).toEqual(
      colours,
    );
    const three = redBlue.filter((_, i) => i % 4 < 3);
    expect(
      rows(bmp({ width: 2, height: 1, depth: 1, between: three, pixels: [0b01000000, 0, 0, 0] }, 12)),
    ).toEqual(colours);
  });

  it('follows runs of 8 and 4 bits, jumps and pixels as they are', () => {
    const runs = [2, 7, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 2, 1, 0, 1, 9, 0, 1];
    expect(
      rows(bmp({ width: 3, height: 3, depth: 8, compression: 1, between: grays, pixels: runs })),
    ).toEqual([
      [0, 9, 0],
      [1, 2, 3],
      [7, 7, 0],
    ]);
    const sixteen = grays.slice(0, 64);
    const halves = [3, 0x12, 0, 0, 0, 3, 0x34, 0x50, 0, 1];
    expect(
      rows(bmp({ width: 3, height: 2, depth: 4, compression: 2, between: sixteen, pixels: halves })),
    ).toEqual([
      [3, 4, 5],
      [1, 2, 1],
    ]);
    // ImageMagick's runs go on to the end of the word.
    const long = [4, 7, 0, 0, 0, 1];
    expect(
      rows(bmp({ width: 3, height: 1, depth: 8, compression: 1, between: grays, pixels: long })),
    ).toEqual([[7, 7, 7]]);
  });

  it.each<[string, () => Buffer, RegExp]>([
    [
      'with a header that is cut',
      () => bmp({ width: 1, height: 1, depth: 24, pixels: [] }).subarray(0, 30),
      /ends too early/,
    ],
    [
      'with pixels that are cut',
      () => bmp({ width: 1, height: 2, depth: 24, pixels: [1, 2, 3, 0] }),
      /ends too early/,
    ],
    [
      'of runs without an end',
      () => bmp({ width: 3, height: 1, depth: 8, compression: 1, between: grays, pixels: [3, 1] }),
      /ends too early/,
    ],
    [
      'of runs with more rows',
      () =>
        bmp({ width: 1, height: 1, depth: 8, compression: 1, between: grays, pixels: [0, 0, 1, 1, 0, 1] }),
      /more rows/,
    ],
    ['without pixels', () => bmp({ width: 0, height: 1, depth: 24, pixels: [] }), /0 × 1 pixels/],
    [
      'of too many pixels',
      () => bmp({ width: 2 ** 30, height: 2 ** 30, depth: 24, pixels: [] }),
      /100000000 are the most/,
    ],
    [
      'with a colour outside its palette',
      () => bmp({ width: 1, height: 1, depth: 8, between: redBlue, pixels: [2, 0, 0, 0] }),
      /colour 2 of a palette of 2/,
    ],
    [
      'with a JPEG inside',
      () => bmp({ width: 1, height: 1, depth: 0, compression: 4, pixels: [] }),
      /compression 4.*save it as PNG/,
    ],
    [
      'with an unknown header',
      () => bmp({ width: 1, height: 1, depth: 24, pixels: [1, 2, 3, 0] }, 20),
      /header of 20 bytes/,
    ],
    [
      'without a mask',
      () =>
        bmp({
          width: 1,
          height: 1,
          depth: 32,
          compression: 3,
          between: masks(0, 1, 2),
          pixels: [0, 0, 0, 0],
        }),
      /no mask/,
    ],
  ])('refuses a file %s', (_, file, reason) => {
    expect(() => readBmp(file())).toThrow(reason);
  });
});
