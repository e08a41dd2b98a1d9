import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import jpeg from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { GauntletError } from '@gauntlet/api';
import { type DatasetConfig, openDataset, readNpz } from '@gauntlet/core';
import { bytesOf, idx, mat, npy, png, ramp } from './files.test-support.js';

const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-damaged-'));
function file(name: string, bytes: Uint8Array): string {
  const full = path.join(folder, name);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, bytes);
  return full;
}
/** What a run's probe does: opens the data and reads all of it. */
const read = async (config: DatasetConfig) => {
  const dataset = await openDataset(config, 1);
  await dataset.hash();
  return dataset;
};
/** The words of the error; one that is not for users shows its class. */
const complaint = async (config: DatasetConfig) =>
  read(config).then(
    () => 'no complaint',
    (error: Error) => (error instanceof GauntletError ? error.message : `${error.name}: ${error.message}`),
  );
const flipped = (bytes: Uint8Array, at: number, bit = 1) => {
  const copy = Uint8Array.from(bytes);
  copy[at < 0 ? copy.length + at : at] ^= bit;
  return copy;
};
const zeros = (n: number) => new Uint8Array(n);

describe('gzip', () => {
  const record = (label: number) => Uint8Array.from([label, ...ramp(3072)]);
  const records = Buffer.concat([record(1), record(2), record(3)]);
  const cifar10 = (name: string, bytes: Uint8Array) =>
    complaint({ format: 'cifar10', files: [file(name, bytes)] });

  it('is refused where checksum or length do not fit', async () => {
    const packed = gzipSync(records);
    const short = Buffer.from(packed);
    short.writeUInt32LE(2 * 3073, short.length - 4);
    expect(await cifar10('length.gz', short)).toMatch(
      /length\.gz is damaged gzip \(incorrect length check\)/,
    );
    expect(await cifar10('crc.gz', flipped(packed, -8))).toMatch(/crc\.gz is damaged gzip/);
    const stored = gzipSync(records, { level: 0 });
    expect(await cifar10('pixel.gz', flipped(stored, 2000))).toMatch(/pixel\.gz is damaged gzip/);
  });

  it('may have several members, and nothing else behind them', async () => {
    const [one, two] = [gzipSync(record(1)), gzipSync(record(2))];
    const { indices } = await read({ format: 'cifar10', files: [file('two.gz', Buffer.concat([one, two]))] });
    expect(indices).toEqual([0, 1]);
    const lost = Buffer.concat([one, zeros(1), two.subarray(1)]);
    expect(await cifar10('lost.gz', lost)).toMatch(
      new RegExp(`lost\\.gz is damaged gzip \\(${two.length} bytes follow the end of the compressed data\\)`),
    );
  });

  it('is not unpacked beyond what its header promises', async () => {
    const bomb = gzipSync(Buffer.concat([idx([1, 2, 2], [1, 2, 3, 4]), zeros(2e7)]));
    const before = process.memoryUsage().rss;
    expect(await complaint({ format: 'idx', images: file('bomb.gz', bomb) })).toMatch(
      /bomb\.gz is damaged gzip \(it unpacks to more than 20 bytes\)/,
    );
    const array = gzipSync(Buffer.concat([npy('|u1', [1, 2, 2], zeros(4)), zeros(2e7)]));
    expect(await complaint({ format: 'npy', images: file('bomb.npy.gz', array) })).toMatch(
      /it unpacks to more than \d+ bytes/,
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(2e7);
    const promise = gzipSync(idx([2 ** 20, 2 ** 10, 2 ** 10], []));
    expect(await complaint({ format: 'idx', images: file('promise.gz', promise) })).toMatch(
      /bytes are promised, and \d+ are the most that can be unpacked/,
    );
    const less = gzipSync(idx([1000, 1000, 1], []));
    expect(await complaint({ format: 'idx', images: file('less.gz', less) })).toMatch(
      /bytes are promised, and \d+ compressed bytes cannot hold them/,
    );
  });
});

describe('npz', () => {
  const x = npy('|u1', [2, 2, 2], Uint8Array.from(ramp(8)));
  const archive = zipSync({ 'x.npy': x, 'y.npy': npy('|u1', [2], zeros(2)) }, { level: 0 });
  const npz = (name: string, bytes: Uint8Array) =>
    complaint({ format: 'npz', file: file(name, bytes), imagesKey: 'x' });

  it('is refused where a checksum or a size does not fit', async () => {
    // The last pixel stands before the header of the second entry.
    const end = Buffer.from(archive).indexOf('PK\x03\x04', 4, 'latin1');
    expect(await npz('pixel.npz', flipped(archive, end - 1))).toMatch(
      /pixel\.npz is damaged: its entry "x\.npy" cannot be unpacked \(its checksum is wrong\)/,
    );
    const packed = zipSync({ 'x.npy': npy('|u1', [100, 10, 10], zeros(10000)) }, { level: 9 });
    const directory = Buffer.from(packed).indexOf('PK\x01\x02', 0, 'latin1');
    const lying = Buffer.from(packed);
    lying.writeUInt32LE(5000, directory + 24);
    expect(await npz('size.npz', lying)).toMatch(/it unpacks to more than 5000 bytes/);
    expect(await npz('cut.npz', archive.subarray(0, -30))).toMatch(/cut\.npz is no \.npz archive/);
    expect(await npz('offset.npz', flipped(archive, -6))).toMatch(/offset\.npz is no \.npz archive/);
  });

  it('unpacks what it is asked for alone', async () => {
    const second = Buffer.from(archive).indexOf('PK\x03\x04', 4, 'latin1');
    // Nonsense where the second entry begins.
    const opened = await readNpz(file('one.npz', flipped(archive, second)));
    expect(opened('x').shape).toEqual([2, 2, 2]);
    expect(opened.has('y')).toBe(true);
    expect(() => opened('y')).toThrow(/its header is not where the directory says/);
  });

  it('has each name once', async () => {
    const twice = zipSync({ 'x.npy': x, 'z.npy': x });
    const renamed = Buffer.from(Buffer.from(twice).toString('latin1').replaceAll('z.npy', 'x.npy'), 'latin1');
    expect(await npz('twice.npz', renamed)).toMatch(/two entries are called "x\.npy"/);
  });
});

describe('png', () => {
  const lines = Uint8Array.from([0, 1, 2, 0, 3, 4]);
  const gray = png([2, 2], 8, 0, lines);
  const open = (name: string, bytes: Uint8Array) => {
    file(`${name}/class/1.png`, bytes);
    return complaint({ format: 'folder', path: path.join(folder, name) });
  };

  it('is refused where a checksum or the number of pixels does not fit', async () => {
    expect(await open('plain', gray)).toBe('no complaint');
    const at = Buffer.from(gray).indexOf('IDAT');
    expect(await open('crc', flipped(gray, at + 8))).toMatch(
      /1\.png cannot be decoded \(the checksum of its part IDAT is wrong\)/,
    );
    expect(await open('few', png([2, 3], 8, 0, lines))).toMatch(/9 bytes are promised and 6 are there/);
    expect(await open('many', png([2, 2], 8, 0, zeros(3e6)))).toMatch(/it unpacks to more than 6 bytes/);
    expect(await open('huge', png([1e6, 1e6], 8, 0, lines))).toMatch(/1000000 × 1000000 pixels/);
    expect(await open('cut', gray.subarray(0, -6))).toMatch(/it ends too early/);
  });

  it('is refused where a colour is outside its palette, of any depth', async () => {
    const palette: [string, Uint8Array] = ['PLTE', Uint8Array.of(1, 2, 3, 4, 5, 6)];
    const bits = (name: string, byte: number) =>
      open(name, png([4, 1], 2, 3, Uint8Array.of(0, byte), [palette]));
    expect(await bits('bits', 0b00_01_00_01)).toBe('no complaint');
    expect(await bits('outside2', 0b00_01_00_10)).toMatch(
      /1\.png cannot be decoded \(a pixel has colour 2 of a palette of 2\)/,
    );
    expect(await open('outside', png([1, 1], 8, 3, Uint8Array.of(0, 2), [palette]))).toMatch(
      /a pixel has colour 2 of a palette of 2/,
    );
    expect(await open('inside', png([1, 1], 8, 3, Uint8Array.of(0, 1), [palette]))).toBe('no complaint');
  });

  it('does not unpack its colour profile', async () => {
    const profile: [string, Uint8Array] = ['iCCP', Buffer.concat([Buffer.from('p\0\0'), zeros(9)])];
    expect(await open('profile', png([2, 2], 8, 0, lines, [profile]))).toBe('no complaint');
  });
});

describe('jpeg', () => {
  const bytes = Uint8Array.from(jpeg.encode({ width: 8, height: 8, data: Buffer.alloc(256, 90) }, 80).data);
  const open = (name: string, changed: Uint8Array) => {
    file(`${name}/class/1.jpg`, changed);
    return complaint({ format: 'folder', path: path.join(folder, name) });
  };

  it('is refused where it promises more pixels than its bytes can hold', async () => {
    const frame = Buffer.from(bytes).indexOf(Buffer.of(0xff, 0xc0));
    const large = Buffer.from(bytes);
    large.writeUInt16BE(4000, frame + 5);
    large.writeUInt16BE(4000, frame + 7);
    expect(await open('large', large)).toMatch(
      /1\.jpg cannot be decoded \(it promises more than the \d+ pixels that its \d+ bytes can hold\)/,
    );
    expect(await open('fits', bytes)).toBe('no complaint');
  });

  it('is refused in words where parts of it are missing', async () => {
    const frame = Buffer.from(bytes).indexOf(Buffer.of(0xff, 0xc0));
    const without = Buffer.concat([bytes.subarray(0, frame), bytes.subarray(frame + 19)]);
    expect(await open('frame', without)).toMatch(/1\.jpg cannot be decoded \(.*SOS before SOF\)/);
  });
});

describe('svhn', () => {
  const variables = (labels: Uint8Array | Float64Array, dimensions = [2, 1, 3, 2]) => [
    ['X', dimensions, Uint8Array.from(ramp(12))] as [string, number[], Uint8Array],
    ['y', [2, 1], labels] as [string, number[], Uint8Array | Float64Array],
  ];
  const svhn = (name: string, bytes: Uint8Array) => complaint({ format: 'svhn', file: file(name, bytes) });

  it('is refused where a checksum or a size does not fit', async () => {
    const good = mat(variables(Uint8Array.of(1, 2)));
    expect(await svhn('good.mat', good)).toBe('no complaint');
    const last = (matrix: Uint8Array) => flipped(deflateSync(matrix), -1);
    expect(await svhn('adler.mat', mat(variables(Uint8Array.of(1, 2)), last))).toMatch(
      /adler\.mat is damaged: a variable cannot be unpacked \(incorrect data check\)/,
    );
    expect(await svhn('noise.mat', flipped(good, 140, 255))).toMatch(/noise\.mat is damaged/);
    const more = (matrix: Uint8Array) => deflateSync(Buffer.concat([matrix, zeros(3e6)]));
    expect(await svhn('more.mat', mat(variables(Uint8Array.of(1, 2)), more))).toMatch(
      /it unpacks to more than \d+ bytes/,
    );
    expect(await svhn('signs.mat', mat(variables(Uint8Array.of(1, 2), [-2, -1, 3, 2])))).toMatch(
      /X of shape \[h, w, channels, n\]/,
    );
    expect(await svhn('twice.mat', mat([...variables(Uint8Array.of(1, 2)), ...variables(zeros(2))]))).toMatch(
      /expected one variable X, found two/,
    );
  });

  it.each([[NaN], [1.5], [-1], [11]])('refuses the label %s', async (label) => {
    expect(await svhn('label.mat', mat(variables(Float64Array.of(3, label))))).toMatch(
      `label.mat#y: expected labels that are whole numbers from 0 to 10, found ${label} at position 1`,
    );
  });
});

describe('npy', () => {
  const images = npy('|u1', [2, 1, 1], Uint8Array.of(1, 2));
  const labels = (name: string, descr: string, data: Uint8Array) =>
    complaint({
      format: 'npy',
      images: file('images.npy', images),
      labels: file(name, npy(descr, [2], data)),
    });

  it('refuses labels that are no class', async () => {
    const where = /y\.npy: expected .*whole numbers.* at position 1/;
    expect(await labels('y.npy', '<f8', bytesOf(Float64Array.of(1, 1.5)))).toMatch(where);
    expect(await labels('y.npy', '<f8', bytesOf(Float64Array.of(1, NaN)))).toMatch(where);
    expect(await labels('y.npy', '<f4', bytesOf(Float32Array.of(1, -1)))).toMatch(where);
    expect(await labels('y.npy', '<i8', bytesOf(BigInt64Array.of(1n, -1n)))).toMatch(where);
    expect(await labels('y.npy', '<i8', bytesOf(BigInt64Array.of(1n, 2n ** 31n)))).toMatch(where);
    expect(await labels('y.npy', '<i8', bytesOf(BigInt64Array.of(1n, 2n ** 32n + 1n)))).toMatch(where);
    expect(await labels('y.npy', '<f8', bytesOf(Float64Array.of(1, 9)))).toBe('no complaint');
  });

  it('refuses dimensions that are no sizes, and headers that end too early', async () => {
    const open = (name: string, bytes: Uint8Array) => complaint({ format: 'npy', images: file(name, bytes) });
    expect(await open('signs.npy', npy('|u1', [2, -1, -1], Uint8Array.of(1, 2)))).toMatch(
      /signs\.npy: expected a shape of whole numbers that are not negative, found \(2, -1, -1\)/,
    );
    expect(await open('none.npy', npy('|u1', [2, 0, 0], zeros(0)))).toMatch(/images of at least one pixel/);
    const wide = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 1);
    expect(await open('wide.npy', wide)).toMatch(/wide\.npy: expected a whole NumPy header/);
    expect(await complaint({ format: 'idx', images: file('none.idx', idx([5, 0, 3], [])) })).toMatch(
      /none\.idx: expected images of at least one pixel/,
    );
  });
});

describe('a path', () => {
  it('that is no file is refused before it is read', async () => {
    const pipe = path.join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(await complaint({ format: 'idx', images: pipe })).toMatch(/pipe cannot be read \(it is a pipe/);
    expect(await complaint({ format: 'cifar10', files: ['/dev/zero'] })).toMatch(
      /it is a pipe, a socket or a/,
    );
    expect(await complaint({ format: 'npz', file: folder, imagesKey: 'x' })).toMatch(/it is a folder/);
    mkdirSync(path.join(folder, 'pipes/class'), { recursive: true });
    execFileSync('mkfifo', [path.join(folder, 'pipes/class/1.png')]);
    expect(await complaint({ format: 'folder', path: path.join(folder, 'pipes') })).toMatch(/it is a pipe/);
  }, 10_000);
});
