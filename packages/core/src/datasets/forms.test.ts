// Forms that data of PyTorch, Keras and Hugging Face users come in: right, or refused by a sentence with a way out.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { type DatasetConfig, openDataset } from '@gauntlet/core';
import { bytesOf, npy, parquet, parquetLists, png } from './files.test-support.js';
import { readParquetRows } from './parquet-thread.js';
import { readBytes } from './read-bytes.js';

const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-forms-'));
function file(name: string, bytes: Uint8Array): string {
  const full = path.join(folder, name);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, bytes);
  return full;
}
const found = async (config: DatasetConfig) => {
  const { imageShape, indices, notes, classNames, ...dataset } = await openDataset(config, 1);
  const labels = dataset.labels(indices);
  return {
    imageShape,
    notes,
    classNames,
    labels: labels && [...labels],
    pixels: [...(await dataset.images(indices, [0, 255]))],
  };
};
const complaint = (config: DatasetConfig) =>
  openDataset(config, 1)
    .then((dataset) => dataset.hash())
    .then(
      () => 'no complaint',
      (error: Error) => `${(error as { code?: string }).code}: ${error.message}`,
    );
const longs = (...values: number[]) => bytesOf(BigInt64Array.from(values, BigInt));

describe('npy', () => {
  it('of float16', async () => {
    // 0, 1, 0.5, 255, 1.5, the smallest normal and subnormal numbers, 1/3
    const halves = Uint16Array.of(0, 0x3c00, 0x3800, 0x5bf8, 0x3e00, 0x0400, 0x0001, 0x3555);
    const images = file('half.npy', npy('<f2', [1, 2, 4], new Uint8Array(halves.buffer)));
    const { pixels } = await found({ format: 'npy', images });
    expect(pixels).toEqual([0, 1, 0.5, 255, 1.5, 2 ** -14, 2 ** -24, 0.333251953125]);
  });

  it('in Fortran order, of images and labels', async () => {
    // x[n, h, w, c] = 100 n + 10 h + 3 w + c
    const shape = [2, 3, 2, 2];
    const at = (i: number) => [i % 2, Math.floor(i / 2) % 3, Math.floor(i / 6) % 2, Math.floor(i / 12)];
    const value = ([n, h, w, c]: number[]) => 100 * n + 10 * h + 3 * w + c;
    const stored = Uint8Array.from({ length: 24 }, (_, i) => value(at(i)));
    const { pixels, imageShape, labels } = await found({
      format: 'npy',
      images: file('fortran.npy', npy('|u1', shape, stored, 'True')),
      labels: file('one-hot-f.npy', npy('|u1', [2, 3], Uint8Array.of(0, 1, 0, 0, 1, 0), 'True')),
    });
    expect(imageShape).toEqual([3, 2, 2]);
    const expected = Array.from({ length: 24 }, (_, i) =>
      value([Math.floor(i / 12), Math.floor(i / 4) % 3, Math.floor(i / 2) % 2, i % 2]),
    );
    expect(pixels).toEqual(expected);
    expect(labels).toEqual([2, 0]);
  });

  it('with channels first, where the spec says so and where it does not', async () => {
    const data = Uint8Array.from({ length: 2 * 3 * 5 * 6 }, (_, i) => i);
    const images = file('chw.npy', npy('|u1', [2, 3, 5, 6], data));
    const { imageShape, pixels } = await found({ format: 'npy', images, layout: 'nchw' });
    expect(imageShape).toEqual([5, 6, 3]);
    expect(pixels.slice(0, 4)).toEqual([0, 30, 60, 1]);
    expect(pixels.slice(90, 93)).toEqual([90, 120, 150]);
    expect(await complaint({ format: 'npy', images })).toMatch(
      /channels seem to come first\. Write layout: nchw if they do, layout: nhwc if not/,
    );
    expect((await found({ format: 'npy', images, layout: 'nhwc' })).imageShape).toEqual([3, 5, 6]);
  });

  it('with labels [n, 1] and one-hot, and no others', async () => {
    const images = file('two.npy', npy('|u1', [2, 1, 1], Uint8Array.of(1, 2)));
    const labels = (name: string, descr: string, shape: number[], data: Uint8Array) =>
      ({ format: 'npy', images, labels: file(name, npy(descr, shape, data)) }) as const;
    expect((await found(labels('column.npy', '<i8', [2, 1], longs(4, 2)))).labels).toEqual([4, 2]);
    const hot = bytesOf(Float32Array.of(0, 0, 1, 1, 0, 0));
    expect((await found(labels('hot.npy', '<f4', [2, 3], hot))).labels).toEqual([2, 0]);
    const soft = bytesOf(Float32Array.of(0, 0.5, 0.5, 1, 0, 0));
    expect(await complaint(labels('soft.npy', '<f4', [2, 3], soft))).toMatch(
      /rows of 0 and 1, found 0.5 at position 1 of row 0/,
    );
    expect(await complaint(labels('long.npy', '|u1', [3, 2], new Uint8Array(6)))).toMatch(
      /2 labels, one for/,
    );
  });

  it('with rows of 0 and 1 for several labels, which one-hot classes are, too', async () => {
    const images = file('two.npy', npy('|u1', [2, 1, 1], Uint8Array.of(1, 2)));
    const open = async (name: string, data: Uint8Array) =>
      openDataset({ format: 'npy', images, labels: file(name, npy('|u1', [2, 2], data)) }, 1);
    const several = await open('several.npy', Uint8Array.of(1, 1, 0, 0));
    expect(several.labels([0, 1])).toBeUndefined();
    expect(several.labelSets([1, 0])).toEqual({ width: 2, values: Uint8Array.of(0, 0, 1, 1) });
    const single = await open('single.npy', Uint8Array.of(0, 1, 1, 0));
    expect(single.labels([0, 1])).toEqual(Int32Array.of(1, 0));
    expect(single.labelSets([0, 1])!.values).toEqual(Uint8Array.of(0, 1, 1, 0));
    const other = await open('other.npy', Uint8Array.of(1, 1, 0, 1));
    expect(await other.hash()).not.toBe(await several.hash());
    const [first, second] = await other.sampleHashes([0, 1]);
    expect([first]).toEqual((await several.sampleHashes([0, 1])).slice(0, 1));
    expect((await several.sampleHashes([0, 1]))[1]).not.toBe(second);
    const config = { format: 'npy', images, labels: path.join(folder, 'several.npy') } as const;
    expect(await complaint({ ...config, classes: [1] })).toMatch(
      /this dataset has several. Choose images by "indices"/,
    );
  });
});

describe('npz', () => {
  const image = npy('|u1', [2, 1, 1], Uint8Array.of(1, 2));
  const label = (a: number, b: number) => npy('<i8', [2], longs(a, b));
  const archive = (name: string, arrays: Record<string, Uint8Array>) =>
    ({ format: 'npz', file: file(`${name}.npz`, zipSync(arrays)) }) as const;

  it.each([
    ['y', { 'x.npy': image, 'y.npy': label(1, 2) }, ['Labels are the array "y" of']],
    ['labels', { 'x.npy': image, 'labels.npy': label(1, 2) }, ['Labels are the array "labels" of']],
    [
      'y_test of Keras',
      { 'x_train.npy': image, 'y_train.npy': label(3, 4), 'x_test.npy': image, 'y_test.npy': label(1, 2) },
      ['Images are the array "x_test" of', 'Labels are the array "y_test" of'],
    ],
    [
      'test_labels of MedMNIST',
      { 'test_images.npy': image, 'test_labels.npy': npy('<i8', [2, 1], longs(1, 2)) },
      ['Images are the array "test_images" of', 'Labels are the array "test_labels" of'],
    ],
  ])('labels are found under %s, and the report says so', async (name, arrays, said) => {
    const { labels, notes } = await found(archive(name, arrays));
    expect(labels).toEqual([1, 2]);
    expect(notes.map((note) => note.split(` ${name}.npz`)[0])).toEqual(said);
  });

  it('labels that the spec names are taken without a word; what is no labels is left', async () => {
    const two = archive('stated', { 'x.npy': image, 'y.npy': label(1, 2), 'z.npy': label(5, 6) });
    const { labels, notes } = await found({ ...two, imagesKey: 'x', labelsKey: 'z' });
    expect([labels, notes]).toEqual([[5, 6], []]);
    expect((await found(archive('pair', { 'x.npy': image, 'y.npy': image }))).labels).toBeUndefined();
  });
});

/** Three images and labels by pyarrow 25 with `write_page_checksum=True`, data pages of version 1, snappy. */
const checksummed = Buffer.from(
  [
    'UEFSMRUEFbADFfwBFerD4ZgPPBUGFQASAADYAfBJRAAAAIlQTkcNChoKAAAADUlIRFIAAAACAAAAAQgAAAAA0UkgVgAAAAtJREFU',
    'eJxj4OIGAAAiABaYGg5vAAAAAElFTkSuQmCCRAC2SAAsEBEFAABAACrQTysGAWcASdpIAFyQkwcAAF4APt1XrgsAAAAASUVORK5C',
    'YIIVABUUFRgV3pXh5gocFQYVEBUGFQYcAAAACiQCAAAABgICAyQAFQQVABUCFeXB6N8FPBUAFQASAAAAFQAVDhUSFbnDh4wLHBUG',
    'FRAVBhUGHAAAAAcYAgAAAAYBABUEFSAVJBWkhNazCTwVBBUAEgAAEDwBAAAAAAAAAAAAAAAAAAAAFQAVEhUWFbvHnNgPHBUGFRAV',
    'BhUGHAAAAAkgAgAAAAYBAQMCFQQZXDUAGAZzY2hlbWEVBAA1AhgFaW1hZ2UVBAAVDCUCGAVieXRlcwAVDCUCGARwYXRoJQBMHAAA',
    'ABUEJQIYBWxhYmVsABYGGRwZPCYAHBUMGTUABhAZKAVpbWFnZQVieXRlcxUCFgYWogQW8gImsAImCCksFQQVABUCABUAFRAVAgA8',
    'FpgDGQYZNgAABgAAACYAHBUMGTUABhAZKAVpbWFnZQRwYXRoFQIWBhZoFm4mpAMm+gIpLBUEFQAVAgAVABUQFQIAPBYAGQYZNgAG',
    'AAAAACYAHBUEGTUABhAZGAVsYWJlbBUCFgYWjAEWlAEmtAQm6AMpLBUEFQAVAgAVABUQFQIAPCkGGSYABgAAABaWBhYGJggW9AQA',
    'KCBwYXJxdWV0LWNwcC1hcnJvdyB2ZXJzaW9uIDI1LjAuMRk8HAAAHAAAHAAAAEgBAABQQVIx',
  ].join(''),
  'base64',
);

describe('parquet', () => {
  const picture = (value: number) => png([2, 1], 8, 0, Uint8Array.of(0, value, value + 1));
  const write = (name: string, ...content: Parameters<typeof parquet>) => file(name, parquet(...content));
  const cells = (...values: number[]) =>
    values.map((value) => ({ bytes: picture(value), path: `${value}.png` }));

  it('of encoded images and class indices, in several files', async () => {
    const files = [
      write('0.parquet', cells(10, 20), [1n, 0n], ['cat', 'dog']),
      write('1.parquet', cells(30), [1n], ['cat', 'dog']),
    ];
    const { pixels, labels, classNames, imageShape, notes } = await found({ format: 'parquet', files });
    expect(imageShape).toEqual([1, 2, 1]);
    expect(pixels).toEqual([10, 11, 20, 21, 30, 31].map((each) => expect.closeTo(each, 4) as number));
    expect([labels, classNames]).toEqual([
      [1, 0, 1],
      ['cat', 'dog'],
    ]);
    expect(notes.join()).toMatch(/column "image" .*column "label"/);
    expect((await found({ format: 'parquet', files, channels: 3 })).imageShape).toEqual([1, 2, 3]);
  });

  /** By pyarrow 25 with its own settings: a dictionary, statistics in the heads of pages. */
  it.each(['zstd', 'lz4'])('of pyarrow, packed by %s', async (codec) => {
    const packed = path.join(import.meta.dirname, '../../../../test/fixtures/parquet', `${codec}.parquet`);
    const { pixels, labels } = await found({ format: 'parquet', files: [packed] });
    expect(pixels).toEqual([10, 11, 20, 21, 30, 31].map((each) => expect.closeTo(each, 4) as number));
    expect(labels).toEqual([1, 0, 1]);
  });

  it('with other things in it is refused in words', async () => {
    const read = (name: string, images: unknown[], labels: unknown[] = images.map(() => 0n)) =>
      complaint({ format: 'parquet', files: [write(name, images, labels)] });
    expect(await read('path.parquet', [{ bytes: null, path: 'a.png' }])).toMatch(
      /path\.parquet#0: expected an encoded image.*found the path a\.png without bytes; Dataset\.to_parquet/,
    );
    expect(await read('null.parquet', [...cells(1), null])).toMatch(/null\.parquet#1: expected an encoded/);
    expect(await read('label.parquet', cells(1, 2), [3n, -1n])).toMatch(/label\.parquet#label: .*-1 at pos/);
    expect(await read('none.parquet', cells(1, 2), [3n, null])).toMatch(/label: .*(null|undefined) at pos/);
    const good = write('good.parquet', cells(1), [0n]);
    expect(await complaint({ format: 'parquet', files: [good], imagesKey: 'photo' })).toMatch(
      /expected a column "photo", found image, label/,
    );
    expect(await complaint({ format: 'parquet', files: [file('no.parquet', image(5))] })).toMatch(
      /dataset-format: .*no\.parquet is no parquet file, or a damaged one/,
    );
  });

  it('with checksums of its pages is held against them', async () => {
    const whole = file('checksummed.parquet', checksummed);
    expect((await found({ format: 'parquet', files: [whole] })).labels).toEqual([1, 0, 1]);
    // A bit of the labels, which nothing else would notice: the last page before the file's own description.
    const bytes = Uint8Array.from(checksummed);
    bytes[checksummed.length - checksummed.readUInt32LE(checksummed.length - 8) - 9] ^= 1;
    expect(await complaint({ format: 'parquet', files: [file('flipped.parquet', bytes)] })).toMatch(
      /flipped\.parquet is no parquet file, or a damaged one \(the checksum of a page of the column "label" is wrong/,
    );
  });

  it('is given up in time', async () => {
    const good = write('slow.parquet', cells(10), [0n]);
    await expect(readParquetRows(good, ({ names }) => names, 0)).rejects.toThrow(
      'it could not be read in 0 s',
    );
  });

  it('whose pages have no sound heads is refused before its reader is lost in them', async () => {
    const bytes = Uint8Array.from(
      parquet(Array(3).fill({ bytes: Uint8Array.of(1, 2, 3), path: 'a.png' }), [1n, 2n, 0n]),
    );
    // The head of a page lacks a length, and a run in it has no end: the reader would follow it for ever.
    [bytes[33], bytes[37]] = [0x25, 0];
    await expect(readParquetRows(file('endless.parquet', bytes), ({ names }) => names)).rejects.toThrow(
      'a page ends within its header',
    );
  });
});

const image = (n: number) =>
  npy(
    '|u1',
    [n, 32, 32, 3],
    Uint8Array.from({ length: n * 3072 }, (_, i) => i / 3072),
  );

describe('CIFAR-10-C', () => {
  const at = path.join(folder, 'CIFAR-10-C');
  file('CIFAR-10-C/fog.npy', image(10));
  file('CIFAR-10-C/labels.npy', npy('|u1', [10], Uint8Array.of(3, 8, 3, 8, 3, 8, 3, 8, 3, 8)));
  const config = { format: 'cifar10-c', path: at, corruption: 'fog' } as const;

  it('is read by corruption and severity, whose images have the indices of the test set', async () => {
    const { pixels, labels, classNames, imageShape } = await found({ ...config, severity: 4 });
    expect(imageShape).toEqual([32, 32, 3]);
    expect([pixels[0], pixels[3072], pixels.length]).toEqual([6, 7, 2 * 3072]);
    expect(labels!.map((label) => classNames![label])).toEqual(['cat', 'ship']);
    expect((await found(config)).labels).toHaveLength(10);
  });

  it('names what is missing, and what does not fit', async () => {
    expect(await complaint({ ...config, corruption: 'frog' })).toMatch(
      /expected the corruption "frog" as frog\.npy, found fog\. Did you mean "fog"\?/,
    );
    file('CIFAR-10-C/snow.npy', image(9));
    expect(await complaint({ ...config, corruption: 'snow' })).toMatch(
      /bytes of shape \[10, 32, 32, 3\], as many as labels\.npy has labels, found \|u1 of \[9, 32, 32, 3\]/,
    );
    file('CIFAR-10-C/rain.npy', image(10).slice(0, -1));
    expect(await complaint({ ...config, corruption: 'rain' })).toMatch(
      /expected 30720 bytes of data, found 3071/,
    );
  });
});

it('ImageNet-C: a folder of one severity has the classes; the one above says so', async () => {
  const one = png([1, 1], 8, 0, Uint8Array.of(0, 7));
  for (const severity of [1, 2])
    for (const synset of ['n01440764', 'n01443537']) file(`fog/${severity}/${synset}/1.JPEG.png`, one);
  expect((await found({ format: 'folder', path: path.join(folder, 'fog/2') })).labels).toEqual([0, 1]);
  expect(await complaint({ format: 'folder', path: path.join(folder, 'fog') })).toMatch(
    /found more folders in "1"; name the one whose sub-folders are the classes, such as path: .*fog.1/,
  );
});

it('a compressed file of a format without a header has a limit of the format', async () => {
  const bomb = file('bomb.gz', gzipSync(new Uint8Array(5000)));
  await expect(readBytes(bomb, { most: 4999 })).rejects.toThrow(
    /bomb\.gz is damaged gzip \(it unpacks to more than 4999 bytes\)/,
  );
  expect(await readBytes(bomb, { most: 5000 })).toHaveLength(5000);
});

describe('parquet with lists of labels', () => {
  const rows = (name: string, lists: number[][]) => {
    const images = lists.map(() => ({ bytes: png([1, 1], 8, 0, Uint8Array.of(0, 7)), path: 'a.png' }));
    return { format: 'parquet' as const, files: [file(name, parquetLists(images, lists))] };
  };

  it('says 0 or 1 of each', async () => {
    const dataset = await openDataset(
      rows('lists.parquet', [
        [1, 0, 1],
        [0, 0, 0],
      ]),
      1,
    );
    expect(dataset.labels([0])).toBeUndefined();
    expect(dataset.labelSets([1, 0])).toEqual({ width: 3, values: Uint8Array.of(0, 0, 0, 1, 0, 1) });
  });

  it('refuses lists of those that are true', async () => {
    expect(await complaint(rows('ragged.parquet', [[1, 0], [1]]))).toMatch(
      /lists of 2 numbers.*another length in row 1/,
    );
  });
});
