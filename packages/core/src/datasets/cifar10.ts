import { blockSource, type ImageSource } from '@gauntlet/api';
import { readBytes, wrongFile } from './read-bytes.js';

const side = 32;
const plane = side * side;
const record = 1 + 3 * plane;
/** The whole set has 60,000; five severities of a corruption of all of it fit, too. */
const mostRecords = 300_000;
export const classNames = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

/**
 * CIFAR-10's binary version: records of one label byte and 3072 bytes (R, G, B planes), any number of them; of compressed
 * ones 300,000 in a file at most, since nothing in the format promises how many there are.
 */
export async function readCifar10(config: { files: string[] }): Promise<ImageSource> {
  const parts = await Promise.all(
    config.files.map(async (file) => {
      const bytes = await readBytes(file, { most: mostRecords * record });
      if (bytes.length === 0 || bytes.length % record !== 0) {
        throw wrongFile(
          file,
          `whole records of ${record} bytes`,
          `${bytes.length} bytes (${(bytes.length / record).toFixed(2)} records)`,
        );
      }
      for (let at = 0; at < bytes.length; at += record) {
        if (bytes[at] > 9)
          throw wrongFile(file, `a label from 0 to 9 in record ${at / record}`, `${bytes[at]}`);
      }
      return bytes;
    }),
  );
  const count = parts.reduce((sum, bytes) => sum + bytes.length / record, 0);
  const block = new Uint8Array(count * 3 * plane);
  const labels = new Int32Array(count);
  let row = 0;
  for (const bytes of parts) {
    for (let at = 0; at < bytes.length; at += record, row++) {
      labels[row] = bytes[at];
      for (let channel = 0; channel < 3; channel++) {
        const from = at + 1 + channel * plane;
        const to = row * 3 * plane + channel;
        for (let i = 0; i < plane; i++) block[to + 3 * i] = bytes[from + i];
      }
    }
  }
  return blockSource(block, [side, side, 3], { labels, classNames });
}
