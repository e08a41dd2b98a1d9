import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encode as encodePng } from 'fast-png';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type FolderConfig, readFolder } from './folder.js';
import { png } from './files.test-support.js';

const root = mkdtempSync(path.join(tmpdir(), 'gauntlet-folder-'));
function file(name: string, bytes: Uint8Array | string): string {
  const full = path.join(root, name);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, bytes);
  return full;
}
const at = (name: string, rest: Partial<FolderConfig> = {}) =>
  readFolder({ path: path.join(root, name), ...rest });
const complaint = (name: string, rest: Partial<FolderConfig> = {}) =>
  at(name, rest)
    .then((source) => source.pixels(0))
    .then(
      () => 'no complaint',
      (error: Error) => error.message,
    );
const gray = (value: number, [width, height] = [2, 2]) =>
  encodePng({ width, height, channels: 1, depth: 8, data: new Uint8Array(width * height).fill(value) });

// 24 × 16 pixels, 4:2:0, with the EXIF orientation 6; written and decoded by Pillow 13.0.0.
const photo = Buffer.from(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/2wBDAQkJCQwLDBgNDRgyIRwhMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjL/wAARCAAQABgDASIAAhEBAxEB/8QAFwAAAwEAAAAAAAAAAAAAAAAAAAYHBf/EACEQAAEDBAEFAAAAAAAAAAAAABEABAUBAgMiBhITQVGh/8QAFwEAAwEAAAAAAAAAAAAAAAAAAgQFBv/EAB8RAAEEAgIDAAAAAAAAAAAAAAEAAgMFBBEUISJhsf/aAAwDAQACEQMRAD8AlTWDI1W21gCNE3MoMjRMbKAI0UzHl5CSrbzWu0ktePEafEKoYYizDWlvb6r/AFTwhHJLXxPLJX+Q9E/AVusa8eYwQV//2Q==',
  'base64',
);
// 8 × 8 pixels in CMYK, four fields of one colour each; written and decoded by Pillow 13.0.0.
const print = Buffer.from(
  '/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCxAWEBETFBUVFQwPFxgWFBgSFBUU/8AAFAgACAAIBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwD6V/4KBfsZ/wDDXP8Awgf/ABWH/CKf8I/9v/5hn2z7R5/2b/ptHt2+R753dsc/QP7J37J3/Dvz/hKf+Kp/4T3/AIS37L/zDv7O+yfZfO/6azb9/wBp/wBnGzvnjX8O/wDBPX/hk37R/wAV9/wlX9v7f+YN9j8jyM/9PEm7d53tjb3zx94fB39ob/hbP9r/APEg/sr+z/J/5ffO8zfv/wCma4xs9+tf/9k=',
  'base64',
);
const hash = (pixels: Uint8Array | Float32Array) =>
  createHash('sha256').update(pixels).digest('hex').slice(0, 16);

describe('images of a folder', () => {
  it('are JPEGs with the pixels of Pillow, upright or as they are stored', async () => {
    // By its content, not by its name.
    file('photo/a/1.png', photo);
    const upright = await at('photo');
    expect(upright.shape).toEqual([24, 16, 3]);
    expect(hash(await upright.pixels(0))).toBe('96731ab1118e799f');
    const stored = await at('photo', { exif: false });
    expect(stored.shape).toEqual([16, 24, 3]);
    expect(hash(await stored.pixels(0))).toBe('0dac7f07a29bdcb4');
  });

  it('may be JPEGs in CMYK, with the colours of Pillow', async () => {
    file('inks/a/1.jpg', print);
    const source = await at('inks');
    expect(source.shape).toEqual([8, 8, 3]);
    const pixels = await source.pixels(0);
    const colourAt = (row: number, column: number) => [
      ...pixels.subarray(3 * (8 * row + column)).subarray(0, 3),
    ];
    expect([colourAt(1, 1), colourAt(1, 6)]).toEqual([
      [255, 0, 0],
      [0, 254, 125],
    ]);
    expect([colourAt(6, 1), colourAt(6, 6)]).toEqual([
      [127, 127, 127],
      [208, 180, 153],
    ]);
  });

  it.each(['webp', 'tiff', 'gif'] as const)('may be %s', async (format) => {
    const raw = { width: 2, height: 1, channels: 3 } as const;
    const bytes = sharp(Uint8Array.from([255, 0, 0, 0, 0, 255]), { raw });
    const options = { webp: { lossless: true }, tiff: { compression: 'lzw' }, gif: {} }[format];
    file(`${format}/a/1.${format}`, await bytes.toFormat(format, options).toBuffer());
    const source = await at(format);
    expect(source.shape).toEqual([1, 2, 3]);
    expect([...(await source.pixels(0))]).toEqual([255, 0, 0, 0, 0, 255]);
  });

  it('may be PNGs of 1, 2 and 4 bits', async () => {
    const lines: [number, number[]][] = [
      [1, [0b0100_0000]],
      [2, [0b0011_0000]],
      [4, [0x0f]],
    ];
    for (const [depth, line] of lines) {
      file(`bits${depth}/a/1.png`, png([2, 1], depth, 0, Uint8Array.of(0, ...line)));
      const source = await at(`bits${depth}`);
      expect([...(await source.pixels(0))]).toEqual([0, 255]);
    }
  });

  it('are made equal by resize and centerCrop', async () => {
    file('sizes/a/1.png', gray(7, [9, 6]));
    file('sizes/a/2.png', gray(8, [5, 8]));
    const source = await at('sizes', { resize: 4, centerCrop: [4, 3], channels: 3 });
    expect(source.shape).toEqual([4, 3, 3]);
    expect([...(await source.pixels(1))]).toEqual(Array(36).fill(8));
  });

  it('may be BMP', async () => {
    const header = Buffer.alloc(54);
    const numbers = { 2: 58, 10: 54, 14: 40, 18: 1, 22: 1 };
    for (const [at, value] of Object.entries(numbers)) header.writeUInt32LE(value, Number(at));
    header.write('BM');
    header.writeUInt16LE(24, 28);
    file('bmp/a/1.bmp', Buffer.concat([header, Uint8Array.of(1, 2, 3, 0)]));
    expect([...(await (await at('bmp')).pixels(0))]).toEqual([3, 2, 1]);
    file('cut/a/1.bmp', header);
    expect(await complaint('cut')).toMatch(/1\.bmp cannot be decoded \(it ends too early\)\. Save it again/);
  });

  it('are refused with a way out where they are something else', async () => {
    file('text/a/1.jpg', 'no image');
    expect(await complaint('text')).toMatch(/it does not begin like PNG, JPEG, WebP, TIFF, GIF or BMP/);
  });
});

describe('classes of a folder', () => {
  it('are no folders that systems and notebooks leave behind, and no hidden files', async () => {
    for (const left of ['.ipynb_checkpoints', '__MACOSX']) file(`left/${left}/1.png`, gray(1));
    file('left/cat/._1.png', 'resource fork');
    file('left/cat/1.png', gray(1));
    file('left/dog/1.png', gray(2));
    const { labels, classNames } = await at('left');
    expect(classNames).toEqual(['cat', 'dog']);
    expect([...labels!]).toEqual([0, 1]);
  });

  it('are refused where one has no image, since the others would be counted anew', async () => {
    file('empty/ant/readme.txt', 'nothing');
    file('empty/bee/1.png', gray(1));
    expect(await complaint('empty')).toMatch(
      /images in every sub-folder, since each is a class, found none in "ant"; take it away, or say with "classIndex"/,
    );
  });

  it('are named where they lie deeper, as those of ImageNet-C do', async () => {
    file('deep/noise/gaussian_noise/1/n01440764/1.png', gray(1));
    const deep = /more folders in ".*"; name the one .*such as path: .*deep.noise.gaussian_noise.1\./;
    expect(await complaint('deep')).toMatch(deep);
    expect(await complaint('deep', { classIndex: file('deep.json', '{"n01440764": 0}') })).toMatch(deep);
    const inside = path.join('deep', 'noise', 'gaussian_noise');
    expect(await complaint(inside, { classIndex: path.join(root, 'deep.json') })).toMatch(deep);
  });

  it.each([
    ['class_to_idx of torchvision', 'index.json', '{"ant": 0, "bee": 7, "cow": 8}'],
    ['the ImageNet index', 'index.json', '{"0": ["n00", "ant"], "7": ["n07", "bee"], "8": ["n08", "cow"]}'],
    ['names by number', 'index.json', '{"0": "ant", "7": "bee", "8": "cow"}'],
    ['names line by line', 'names.txt', 'ant\n1\n2\n3\n4\n5\n6\nbee\ncow\n'],
  ])('are those of %s', async (_, name, content) => {
    file('some/bee/1.png', gray(1));
    file('some/cow/1.png', gray(1));
    const { labels, classNames } = await at('some', { classIndex: file(name, content) });
    expect([...labels!]).toEqual([7, 8]);
    expect(classNames).toHaveLength(9);
  });

  it('are those of a class_to_idx.json that lies there', async () => {
    file('beside/bee/1.png', gray(1));
    file('beside/class_to_idx.json', '{"ant": 0, "bee": 1}');
    expect([...(await at('beside')).labels!]).toEqual([1]);
  });

  it('are named where the index does not know them, and where it is none', async () => {
    file('other/wasp/1.png', gray(1));
    const index = (content: string) => ({ classIndex: file('other.json', content) });
    expect(await complaint('other', index('{"ant": 0}'))).toMatch(
      /class index does not name the sub-folder "wasp". It has ant/,
    );
    expect(await complaint('other', index('{"wasp": -1}'))).toMatch(
      /expected class indices: .*, found \["wasp",-1\]/,
    );
    expect(await complaint('other', index('{"0": ["wasp"], "1": ["wasp"]}'))).toMatch(
      /each name once, found "wasp" twice/,
    );
    expect(await complaint('other', index('['))).toMatch(/no JSON/);
  });
});
