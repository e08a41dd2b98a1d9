import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encode as encodePng } from 'fast-png';
import { gzipSync, zipSync } from 'fflate';
import jpeg from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { type DatasetConfig, openDataset } from '@gauntlet/core';
import { bytesOf, idx, mat, npy, ramp } from './files.test-support.js';

const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-datasets-'));
function file(name: string, bytes: Uint8Array): string {
  const full = path.join(folder, name);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, bytes);
  return full;
}

const open = (config: DatasetConfig) => openDataset(config, 1);
const complaint = async (config: DatasetConfig) =>
  // A run's probe opens the data and hashes it, so that all of it is read before any attack runs.
  open(config)
    .then((dataset) => dataset.hash())
    .then(
      () => 'no complaint',
      (error: Error) => error.message,
    );

describe('idx', () => {
  const images = idx([3, 2, 2], ramp(12));
  const labels = idx([3], [7, 8, 9]);

  it('reads plain and gzipped files into the bounds', async () => {
    const dataset = await open({
      format: 'idx',
      images: file('a.idx', images),
      labels: file('b.gz', gzipSync(labels)),
    });
    expect(dataset.imageShape).toEqual([2, 2, 1]);
    expect([...dataset.labels([2, 0])!]).toEqual([9, 7]);
    expect([...(await dataset.images([1], [-1, 1]))]).toEqual(
      [4, 5, 6, 7].map((v) => expect.closeTo((2 * v) / 255 - 1, 6) as number),
    );
  });

  it('names file, expected and found, and never reads a part', async () => {
    const good = file('good.idx', images);
    expect(await complaint({ format: 'idx', images: file('cut.idx', images.slice(0, -1)) })).toMatch(
      /cut\.idx: expected 12 bytes of data for \[3, 2, 2\], found 11 bytes/,
    );
    expect(
      await complaint({ format: 'idx', images: file('magic.idx', idx([3, 2, 2], ramp(12), 0x0d03)) }),
    ).toMatch(/magic\.idx: expected the IDX magic number 0x00000803 .* found 0x00000d03/);
    expect(await complaint({ format: 'idx', images: file('short.idx', new Uint8Array(5)) })).toMatch(
      /expected an IDX header of 16 bytes, found 5/,
    );
    expect(
      await complaint({ format: 'idx', images: good, labels: file('few.idx', idx([2], [7, 8])) }),
    ).toMatch(/few\.idx: expected 3 labels, one for each image of .*good\.idx, found 2/);
    expect(await complaint({ format: 'idx', images: good, labels: good })).toMatch(
      /expected the IDX magic number 0x00000801/,
    );
    expect(await complaint({ format: 'idx', images: file('cut.gz', gzipSync(images).slice(0, -9)) })).toMatch(
      /cut\.gz is damaged gzip|cut\.gz: expected/,
    );
    expect(await complaint({ format: 'idx', images: path.join(folder, 'none') })).toMatch(
      /none cannot be read/,
    );
  });
});

describe('cifar10', () => {
  const record = (label: number, r: number, g: number, b: number) => [
    label,
    ...Array<number>(1024).fill(r),
    ...Array<number>(1024).fill(g),
    ...Array<number>(1024).fill(b),
  ];

  it('reads any number of records from several files, channels last', async () => {
    const files = [
      file('1.bin', Uint8Array.from([...record(3, 10, 20, 30), ...record(5, 1, 2, 3)])),
      file('2.bin', Uint8Array.from(record(9, 7, 8, 9))),
    ];
    const dataset = await open({ format: 'cifar10', files });
    expect(dataset.imageShape).toEqual([32, 32, 3]);
    expect([...dataset.labels([0, 1, 2])!]).toEqual([3, 5, 9]);
    expect([...(await dataset.images([1], [0, 255])).subarray(3000, 3006)]).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('refuses part of a record and labels above 9', async () => {
    expect(await complaint({ format: 'cifar10', files: [file('part.bin', new Uint8Array(3074))] })).toMatch(
      /whole records of 3073 bytes, found 3074/,
    );
    expect(
      await complaint({
        format: 'cifar10',
        files: [file('label.bin', Uint8Array.from(record(10, 0, 0, 0)))],
      }),
    ).toMatch(/a label from 0 to 9 in record 0, found 10/);
  });
});

describe('npy and npz', () => {
  const floats = npy('<f4', [2, 2, 2, 1], bytesOf(Float32Array.of(0, 0.25, 0.5, 1, 1, 0, 1, 0)));
  const labels = npy('<i8', [2], bytesOf(BigInt64Array.of(4n, 2n)));

  it('reads floats as they are, bytes scaled, labels of any integer type', async () => {
    const dataset = await open({
      format: 'npy',
      images: file('x.npy', floats),
      labels: file('y.npy', labels),
    });
    expect([...(await dataset.images([0], [0, 1]))]).toEqual([0, 0.25, 0.5, 1]);
    expect([...dataset.labels([0, 1])!]).toEqual([4, 2]);
    const bytes = await open({
      format: 'npy',
      images: file('u.npy', npy('|u1', [1, 1, 2], Uint8Array.of(0, 255))),
    });
    expect([...(await bytes.images([0], [0, 2]))]).toEqual([0, 2]);
    const archive = file('a.npz', zipSync({ 'x.npy': floats, 'labels.npy': labels }));
    const zipped = await open({ format: 'npz', file: archive, imagesKey: 'x', labelsKey: 'labels' });
    expect([...zipped.labels([1])!]).toEqual([2]);
  });

  it('says what is wrong', async () => {
    const images = file('x2.npy', floats);
    expect(await complaint({ format: 'npy', images: file('cut.npy', floats.slice(0, -4)) })).toMatch(
      /expected 32 bytes of data for \[2, 2, 2, 1\], found 28/,
    );
    expect(
      await complaint({ format: 'npy', images, labels: file('y1.npy', npy('|u1', [1], Uint8Array.of(1))) }),
    ).toMatch(/2 labels, one for each image of .*, found 1/);
    expect(await complaint({ format: 'npy', images: file('no.npy', Uint8Array.of(1, 2, 3)) })).toMatch(
      /a NumPy array/,
    );
    expect(
      await complaint({ format: 'npz', file: file('b.npz', zipSync({ 'z.npy': floats })), imagesKey: 'x' }),
    ).toMatch(/expected an array "x", found z/);
    const dataset = await open({ format: 'npy', images });
    await expect(dataset.images([0], [0, 0.5])).rejects.toThrow(
      /Image 0 has the value 1, outside the victim's bounds \[0, 0.5\]/,
    );
  });
});

describe('svhn', () => {
  it('turns column-major images and the label 10', async () => {
    // X(row, column, channel, image) = its position in memory
    const X = Uint8Array.from({ length: 2 * 3 * 3 * 2 }, (_, i) => i);
    const dataset = await open({
      format: 'svhn',
      file: file(
        'a.mat',
        mat([
          ['X', [2, 3, 3, 2], X],
          ['y', [2, 1], Float64Array.of(10, 4)],
        ]),
      ),
    });
    expect(dataset.imageShape).toEqual([2, 3, 3]);
    expect([...dataset.labels([0, 1])!]).toEqual([0, 4]);
    const at = (row: number, column: number, channel: number, image: number) =>
      row + 2 * (column + 3 * (channel + 3 * image));
    const pixels = await dataset.images([1], [0, 255]);
    expect(pixels[(1 * 3 + 2) * 3 + 1]).toBe(at(1, 2, 1, 1));
    expect(pixels[0]).toBe(at(0, 0, 0, 1));
  });

  it('says what is wrong', async () => {
    const whole = mat([
      ['X', [2, 2, 3, 1], new Uint8Array(12)],
      ['y', [2, 1], Uint8Array.of(1, 2)],
    ]);
    expect(await complaint({ format: 'svhn', file: file('b.mat', whole) })).toMatch(
      /expected 1 labels in y, found 2/,
    );
    expect(await complaint({ format: 'svhn', file: file('c.mat', whole.slice(0, 150)) })).toMatch(
      /c\.mat: expected .* bytes at byte/,
    );
    expect(await complaint({ format: 'svhn', file: file('d.mat', new Uint8Array(200)) })).toMatch(
      /a MATLAB 5.0 MAT-file/,
    );
    expect(
      await complaint({ format: 'svhn', file: file('e.mat', mat([['X', [1, 1, 3, 1], new Uint8Array(3)]])) }),
    ).toMatch(/the variables X and y, found X/);
  });
});

describe('folder', () => {
  const png = (value: number, side = 4) =>
    encodePng({
      width: side,
      height: side,
      channels: 3,
      depth: 8,
      data: new Uint8Array(side * side * 3).fill(value),
    });
  const colours = path.join(folder, 'colours');
  file('colours/cat/1.png', png(200));
  file('colours/dog/1.PNG', png(100));
  file(
    'colours/dog/2.jpg',
    new Uint8Array(jpeg.encode({ width: 4, height: 4, data: new Uint8Array(64).fill(50) }, 95).data),
  );
  file('colours/readme.txt', Uint8Array.of(1));

  it('takes classes from sub-folders, PNG and JPEG, gray or colour', async () => {
    const dataset = await open({ format: 'folder', path: colours });
    expect(dataset.classNames).toEqual(['cat', 'dog']);
    expect([...dataset.labels([0, 1, 2])!]).toEqual([0, 1, 1]);
    expect(dataset.imageShape).toEqual([4, 4, 3]);
    expect((await dataset.images([0, 2], [0, 255]))[0]).toBe(200);
    expect(Math.abs((await dataset.images([2], [0, 255]))[0] - 50)).toBeLessThan(4);
    expect((await open({ format: 'folder', path: colours, channels: 1 })).imageShape).toEqual([4, 4, 1]);
  });

  it('names the image that does not fit', async () => {
    file('sizes/a/1.png', png(1));
    file('sizes/a/2.png', png(1, 5));
    expect(await complaint({ format: 'folder', path: path.join(folder, 'sizes') })).toMatch(
      /2\.png: expected an image of \[4, 4, 3\] like .*1\.png, found \[5, 5, 3\]/,
    );
    file('broken/a/1.png', Uint8Array.of(1, 2, 3));
    expect(await complaint({ format: 'folder', path: path.join(folder, 'broken') })).toMatch(
      /1\.png cannot be decoded/,
    );
    mkdirSync(path.join(folder, 'empty/a'), { recursive: true });
    expect(await complaint({ format: 'folder', path: path.join(folder, 'empty') })).toMatch(
      /one sub-folder per class/,
    );
  });
});

describe('selection', () => {
  const base = {
    format: 'idx',
    images: file('s.idx', idx([10, 1, 1], ramp(10))),
    labels: file('t.idx', idx([10], [0, 1, 2, 0, 1, 2, 0, 1, 2, 0])),
  } as const;
  const indices = async (selection: object, seed = 1) => [
    ...(await openDataset({ ...base, ...selection }, seed)).indices,
  ];

  it('filters classes, shuffles, skips, takes, in this order', async () => {
    expect(await indices({})).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await indices({ skip: 2, take: 3 })).toEqual([2, 3, 4]);
    expect(await indices({ classes: [0, 2], take: 3 })).toEqual([0, 2, 3]);
    expect(await indices({ indices: [7, 1] })).toEqual([7, 1]);
    const shuffled = await indices({ shuffle: true });
    expect(shuffled).not.toEqual(await indices({}));
    expect([...shuffled].sort()).toEqual(await indices({}));
    expect(await indices({ shuffle: true })).toEqual(shuffled);
    expect(await indices({ shuffle: true }, 2)).not.toEqual(shuffled);
  });

  it('says so when there is less than asked for', async () => {
    expect(await complaint({ ...base, take: 11 })).toMatch(
      /asks for 11 images and gets 10: the dataset has 10/,
    );
    expect(await complaint({ ...base, indices: [10] })).toMatch(/index 10 is not among them/);
    expect(await complaint({ ...base, classes: [5] })).toMatch(/gets 0/);
    expect(await complaint({ format: 'idx', images: base.images, classes: [1] })).toMatch(/needs labels/);
  });

  it('has a hash that depends on the slice alone', async () => {
    const hash = async (selection: object) => (await open({ ...base, ...selection })).hash();
    expect(await hash({ take: 3 })).toBe(await hash({ indices: [0, 1, 2] }));
    expect(await hash({ take: 3 })).not.toBe(await hash({ take: 4 }));
  });
});
