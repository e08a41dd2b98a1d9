import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { npzBytes } from '@gauntlet/core';
import { bytesOf, idx, mat, npy, parquet } from '../../packages/core/src/datasets/files.test-support.js';
import { classes, type Form, fresh, labels, model, n, pixels, side, toBytes } from './classifier.js';

const file = (name: string, bytes: Uint8Array | string): string => {
  const full = fresh(name);
  writeFileSync(full, bytes);
  return full;
};
const gray = () => pixels(1);
const inGrey =
  (dataset: () => object | Promise<object>): Form['spec'] =>
  async () => ({
    victim: { model: model() },
    dataset: await dataset(),
  });
const inColour =
  (dataset: () => object | Promise<object>): Form['spec'] =>
  async () => ({
    victim: { model: model({ dims: ['batch', 3, side, side] }) },
    dataset: await dataset(),
  });

type Arrays = Parameters<typeof npzBytes>[0];
const npz = (arrays: Arrays, rest: object = {}) => ({
  format: 'npz',
  file: file('data.npz', npzBytes(arrays)),
  ...rest,
});
const images = { shape: [n, side, side], data: gray() };
const classesOf = { shape: [n], data: labels };
const int64 = () => BigInt64Array.from(labels, BigInt);
const arrays = (
  imagesFile: Uint8Array,
  labelsFile = npy('<i8', [n], bytesOf(int64())),
  rest: object = {},
) => ({
  format: 'npy',
  images: file('x.npy', imagesFile),
  labels: file('y.npy', labelsFile),
  ...rest,
});
const float32 = (shape: number[], values: Float32Array, order?: string) =>
  npy('<f4', shape, bytesOf(values), order);
const half = (values: Float32Array) => {
  // 0.4 … 0.6: exponent −2 or −1, ten bits of fraction.
  const words = Uint16Array.from(values, (value) => {
    const exponent = value >= 0.5 ? 14 : 13;
    return (exponent << 10) | Math.round((value / 2 ** (exponent - 15) - 1) * 1024);
  });
  return new Uint8Array(words.buffer);
};
/** Column by column. */
const fortran = () => {
  const values = gray();
  const turned = new Float32Array(values.length);
  for (let i = 0; i < n; i++)
    for (let p = 0; p < side * side; p++)
      turned[i + n * (Math.floor(p / side) + side * (p % side))] = values[i * side * side + p];
  return turned;
};
const oneHot = Float32Array.from({ length: n * classes }, (_, k) =>
  Number(k % classes === labels[Math.floor(k / classes)]),
);

/** Of `side` × `side` gray pixels, with a palette. */
function bmp(rows: Uint8Array, compression = 0): Uint8Array {
  const file = Buffer.alloc(54 + 1024 + rows.length);
  for (const [at, value] of [
    [2, file.length],
    [10, 1078],
    [14, 40],
    [18, side],
    [22, side],
    [28, 8],
    [30, compression],
  ])
    file.writeUInt32LE(value, at);
  file.write('BM');
  for (let i = 0; i < 256; i++) file.fill(i, 54 + 4 * i, 57 + 4 * i);
  for (let y = 0; y < side; y++)
    file.set(rows.subarray(y * side, (y + 1) * side), 1078 + (side - 1 - y) * side);
  return file;
}

type Format = 'png' | 'jpeg' | 'webp' | 'tiff' | 'gif';
const encoded = (i: number, channels: 1 | 3, format: Format, options: object = {}) => {
  const size = side * side * channels;
  const raw = toBytes(pixels(channels).subarray(i * size, (i + 1) * size));
  const image = sharp(raw, { raw: { width: side, height: side, channels } });
  if (channels === 1 && !('colour' in options)) image.toColourspace('b-w');
  return image
    .toFormat(format, {
      ...(format !== 'png' && { quality: 100, lossless: true, chromaSubsampling: '4:4:4' }),
      ...options,
    })
    .toBuffer();
};
async function folder(
  {
    channels = 1,
    format = 'png',
    name = format,
    options = {},
    names = ['a', 'b', 'c'],
    extra = {},
  }: {
    channels?: 1 | 3;
    format?: Format;
    name?: string;
    options?: object;
    names?: string[];
    extra?: Record<string, string | Uint8Array>;
  } = {},
  rest: object = {},
) {
  const root = fresh('folder');
  for (const one of names) mkdirSync(path.join(root, one), { recursive: true });
  for (let i = 0; i < n; i++)
    writeFileSync(
      path.join(root, names[labels[i]], `${i}.${name}`),
      await encoded(i, channels, format, options),
    );
  for (const [at, content] of Object.entries(extra)) {
    mkdirSync(path.dirname(path.join(root, at)), { recursive: true });
    writeFileSync(path.join(root, at), content);
  }
  return { format: 'folder', path: root, ...rest };
}

const idxImages = () => idx([n, side, side], [...toBytes(gray())]);
const idxLabels = () => idx([n], [...labels]);

export const dataForms: Form[] = [
  {
    form: 'idx',
    spec: inGrey(() => ({ format: 'idx', images: file('x', idxImages()), labels: file('y', idxLabels()) })),
  },
  {
    form: 'idx, gzipped',
    spec: inGrey(() => ({
      format: 'idx',
      images: file('x.gz', gzipSync(idxImages())),
      labels: file('y.gz', gzipSync(idxLabels())),
    })),
  },
  {
    form: 'idx without labels',
    spec: inGrey(() => ({ format: 'idx', images: file('x', idxImages()) })),
    refused: /the dataset has no labels\. Name its label file/,
  },
  {
    form: 'idx, cut off',
    spec: inGrey(() => ({
      format: 'idx',
      images: file('x', idxImages().subarray(0, 60)),
      labels: file('y', idxLabels()),
    })),
    refused: /found 44 bytes\. Download the file again/,
  },
  { form: 'npy, float32', spec: inGrey(() => arrays(float32([n, side, side], gray()))) },
  {
    form: 'npy, float64',
    spec: inGrey(() => arrays(npy('<f8', [n, side, side], bytesOf(Float64Array.from(gray()))))),
  },
  { form: 'npy, float16', spec: inGrey(() => arrays(npy('<f2', [n, side, side], half(gray())))) },
  { form: 'npy, uint8', spec: inGrey(() => arrays(npy('|u1', [n, side, side], toBytes(gray())))) },
  { form: 'npy, [n, h, w, 1]', spec: inGrey(() => arrays(float32([n, side, side, 1], gray()))) },
  { form: 'npy in Fortran order', spec: inGrey(() => arrays(float32([n, side, side], fortran(), 'True'))) },
  { form: 'npy, [n, h, w, 3]', spec: inColour(() => arrays(float32([n, side, side, 3], pixels(3)))) },
  {
    form: 'npy, [n, 3, h, w] with `layout: nchw`',
    spec: inColour(() =>
      arrays(float32([n, 3, side, side], pixels(3, 'nchw')), undefined, { layout: 'nchw' }),
    ),
  },
  {
    form: 'npy of pickled objects',
    spec: inGrey(() => arrays(npy('|O', [n], new Uint8Array(40)))),
    refused: /object|\|O/,
  },
  {
    form: 'labels [n, 1]',
    spec: inGrey(() => arrays(float32([n, side, side], gray()), npy('<i8', [n, 1], bytesOf(int64())))),
  },
  {
    form: 'labels, one-hot',
    spec: inGrey(() => arrays(float32([n, side, side], gray()), npy('<f4', [n, classes], bytesOf(oneHot)))),
  },
  {
    form: 'labels of the number 7',
    spec: inGrey(() =>
      arrays(
        float32([n, side, side], gray()),
        npy('<i8', [n], bytesOf(BigInt64Array.from(labels, (one) => BigInt(one) * 7n))),
      ),
    ),
    refused: /has the label 14; .* has 3 classes \(0 to 2\)/,
  },
  {
    form: 'labels, fewer than images',
    spec: inGrey(() =>
      arrays(float32([n, side, side], gray()), npy('<i8', [n - 1], bytesOf(int64().slice(1)))),
    ),
    refused: /8 .*9|9 .*8/,
  },
  { form: 'npz, x and y', spec: inGrey(() => npz({ x: images, y: classesOf })) },
  { form: 'npz, x_test and y_test', spec: inGrey(() => npz({ x_test: images, y_test: classesOf })) },
  {
    form: 'npz, test_images and test_labels',
    spec: inGrey(() => npz({ test_images: images, test_labels: classesOf })),
  },
  { form: 'npz, images and labels', spec: inGrey(() => npz({ images, labels: classesOf })) },
  {
    form: 'npz of other names, that the spec says',
    spec: inGrey(() => npz({ left: images, right: classesOf }, { imagesKey: 'left', labelsKey: 'right' })),
  },
  {
    form: 'npz of other names',
    spec: inGrey(() => npz({ left: images, right: classesOf })),
    refused: /imagesKey/,
  },
  {
    form: 'npz, images of another size',
    spec: inGrey(() => npz({ x: { shape: [n, 2, 8], data: gray() }, y: classesOf })),
    refused: /takes inputs of shape \[4, 4, 1\], the dataset gives \[2, 8, 1\]/,
  },
  {
    form: 'npz of floats beyond the bounds',
    spec: inGrey(() => npz({ x: { ...images, data: gray().map((value) => 255 * value) }, y: classesOf })),
    refused: /bounds/,
  },
  {
    form: 'npz with NaN',
    spec: inGrey(() =>
      npz({ x: { ...images, data: gray().map((value, i) => (i === 5 ? NaN : value)) }, y: classesOf }),
    ),
    refused: /NaN|finite/,
  },
  { form: 'folder, PNG', spec: inGrey(() => folder()) },
  { form: 'folder, PNG in colour', spec: inColour(() => folder({ channels: 3 })) },
  {
    form: 'folder, grey photos stored in colour',
    spec: inGrey(() => folder({ options: { colour: true } })),
    refused: /the dataset gives \[4, 4, 3\]\. Use a dataset of that shape/,
  },
  { form: 'folder, JPEG', spec: inGrey(() => folder({ format: 'jpeg' })) },
  { form: 'folder, JPEG called .png', spec: inGrey(() => folder({ format: 'jpeg', name: 'png' })) },
  { form: 'folder, WebP', spec: inColour(() => folder({ channels: 3, format: 'webp' })) },
  { form: 'folder, TIFF', spec: inGrey(() => folder({ format: 'tiff', options: { compression: 'none' } })) },
  {
    form: 'folder, PNG of a palette',
    spec: inColour(() => folder({ channels: 3, options: { palette: true, dither: 0 } })),
  },
  {
    form: 'folder, grey photos stored in colour, with `channels: 1`',
    spec: inGrey(() => folder({ options: { colour: true } }, { channels: 1 })),
  },
  {
    form: 'folder, hidden files and folders beside',
    spec: inGrey(() => folder({ extra: { '.ipynb_checkpoints/a.png': 'x', 'a/._0.png': 'x' } })),
  },
  {
    form: 'folder, an empty class',
    spec: inGrey(() => folder({ names: ['a', 'b', 'c'], extra: { 'd/readme.txt': 'x' } })),
    refused: /"?d"?/,
  },
  {
    form: 'folder, BMP',
    spec: inGrey(() => folder({ extra: { 'a/0.png': bmp(toBytes(gray().subarray(0, side * side))) } })),
  },
  {
    form: 'folder, BMP with a JPEG inside',
    spec: inGrey(() => folder({ extra: { 'a/0.png': bmp(new Uint8Array(side * side), 4) } })),
    refused: /compression 4, which is not read; save it as PNG/,
  },
  {
    form: 'folder, a damaged image',
    spec: inGrey(() => folder({ extra: { 'a/0.png': 'no image' } })),
    refused: /cannot be decoded .*Save it again, or take it out/,
  },
  {
    form: 'folder with class_to_idx.json',
    spec: inGrey(() =>
      folder({ names: ['z', 'y', 'x'], extra: { 'class_to_idx.json': '{"z": 0, "y": 1, "x": 2}' } }),
    ),
  },
  {
    form: 'folder, a class that the index does not know',
    spec: inGrey(() => folder({ extra: { 'class_to_idx.json': '{"a": 0, "b": 1}' } })),
    refused: /"c"/,
  },
  {
    form: 'folder that is not there',
    spec: inGrey(() => ({ format: 'folder', path: fresh('nowhere') })),
    refused: /nowhere/,
  },
  {
    form: 'parquet of Hugging Face',
    spec: inGrey(async () => {
      const cells = await Promise.all(
        [...labels.keys()].map(async (i) => ({
          bytes: new Uint8Array(await encoded(i, 1, 'png')),
          path: `${i}.png`,
        })),
      );
      return {
        format: 'parquet',
        files: file('data.parquet', parquet(cells, [...labels].map(BigInt), ['a', 'b', 'c'])),
      };
    }),
  },
  {
    form: 'parquet, damaged',
    spec: inGrey(() => ({ format: 'parquet', files: file('data.parquet', 'PAR1 and no more') })),
    refused: /parquet/i,
  },
  {
    form: 'svhn',
    spec: async () => {
      const turned = new Uint8Array(side * side * 3 * n);
      toBytes(pixels(3)).forEach((value, k) => {
        const [i, y, x, c] = [Math.floor(k / 48), Math.floor((k % 48) / 12), Math.floor((k % 12) / 3), k % 3];
        turned[y + side * (x + side * (c + 3 * i))] = value;
      });
      const bytes = mat([
        ['X', [side, side, 3, n], turned],
        ['y', [n, 1], Uint8Array.from(labels, (one) => one || 10)],
      ]);
      return {
        victim: { model: model({ dims: ['batch', 3, side, side] }) },
        dataset: { format: 'svhn', file: file('test.mat', bytes) },
      };
    },
  },
  {
    form: 'data of no known format',
    spec: inGrey(() => ({ format: 'hdf5', file: file('d.h5', 'x') })),
    refused: /hdf5|format/,
  },
];
