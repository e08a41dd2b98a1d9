import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { repository, temporary } from './cli.js';

/** Files that Keras has written, and what it makes of some inputs; make.py there tells how. */
export const kerasFixture = (name: string) => path.join(repository, 'test/fixtures/keras', name);

export interface Answer {
  shape: number[];
  x: number[];
  y: number[];
}

export const kerasAnswers = () =>
  JSON.parse(readFileSync(kerasFixture('answers.json'), 'utf8')) as Record<string, Answer>;

const folder = temporary('keras');
let count = 0;

/** A changed copy of a .keras file; `change` gets its entries by name. */
export function changedKeras(name: string, change: (entries: Record<string, Uint8Array>) => void): string {
  const entries = unzipSync(readFileSync(kerasFixture(name)));
  change(entries);
  return kerasFile(zipSync(entries), 'keras');
}

/** One whose architecture is changed as text. */
export const otherArchitecture = (name: string, from: RegExp | string, to: string): string =>
  changedKeras(name, (entries) => {
    const before = new TextDecoder().decode(entries['config.json']);
    const after = before.replace(from, to);
    if (after === before) throw new Error(`There is nothing like ${from} in ${name}.`);
    entries['config.json'] = new TextEncoder().encode(after);
  });

export function kerasFile(bytes: Uint8Array, extension: 'keras' | 'h5'): string {
  const file = path.join(folder, `${count++}.${extension}`);
  writeFileSync(file, bytes);
  return file;
}
