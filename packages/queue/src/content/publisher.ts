import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import { codeHash, packageOf } from '@gauntlet/core';
import { keyOf } from '../identity.js';
import { type Blob, type BlobStore, lifetime } from './blob-store.js';
import {
  type CodeManifest,
  describeFiles,
  describePath,
  type FileEntry,
  type FileManifest,
  type Manifest,
  sha256,
} from './manifest.js';
import { findPackage } from './packages.js';
import type { PathMap } from './map-paths.js';

interface Options {
  /** Where models, data and code are put; the lists of what belongs together are in Redis. */
  store: BlobStore;
  /** Bytes of all content that is put there; what is beyond has to be at the same path on the workers. */
  limit: number;
  /** Where installed packages are looked for. */
  packages: readonly string[];
  say: (sentence: string) => void;
}

/** The planner's side: describes what tasks name by sha256, and puts it where workers find it. */
export class Publisher implements PathMap {
  readonly #redis: Redis;
  readonly #options: Options;
  readonly #references = new Map<string, Promise<string>>();
  /** By sha256, as they are sent. */
  readonly #manifests = new Map<string, string>();
  /** By sha256, the file that has these bytes, for those that are put into the store. */
  readonly #blobs = new Map<string, { blob: Blob; file: string }>();
  #stored = 0;
  /** There is something to be published that never was. */
  #isNew = false;
  #publishing: Promise<void> = Promise.resolve();

  constructor(redis: Redis, options: Options) {
    this.#redis = redis;
    this.#options = options;
  }

  file = (given: string): Promise<string> => this.#once(given, () => describePath(given));

  plugin = (url: string): Promise<string> => this.#once(url, () => this.#describePlugin(url));

  /** Puts where workers find it what has never been there; whoever asks meanwhile waits. */
  publishNew(): Promise<void> {
    this.#publishing = this.#publishing
      .catch(() => {})
      .then(() => (this.#isNew ? this.publish() : undefined));
    return this.#publishing;
  }

  /** Puts where workers find it what is not there (any more), and keeps the rest there. */
  async publish(): Promise<void> {
    this.#isNew = false;
    for (const hash of this.#manifests.keys()) await this.#keepManifest(hash);
    for (const { blob, file } of this.#blobs.values()) await this.#options.store.keep(blob, file, false);
  }

  /** Puts there again what a worker did not find, or found damaged. */
  async publishAgain(hash: string): Promise<void> {
    await this.#keepManifest(hash);
    const { blob, file } = this.#blobs.get(hash) ?? {};
    if (blob && file !== undefined) await this.#options.store.keep(blob, file, true);
  }

  async #keepManifest(hash: string): Promise<void> {
    const text = this.#manifests.get(hash);
    if (text !== undefined) await this.#redis.set(keyOf.manifest(hash), text, 'EX', lifetime);
  }

  #once(given: string, describe: () => Promise<Manifest>): Promise<string> {
    const known = this.#references.get(given) ?? this.#add(describe);
    this.#references.set(given, known);
    return known;
  }

  async #add(describe: () => Promise<Manifest>): Promise<string> {
    const manifest = await describe();
    const text = JSON.stringify(manifest);
    const hash = sha256(text);
    this.#manifests.set(hash, text);
    this.#isNew = true;
    const files = manifest.kind === 'files' ? manifest : manifest.files;
    for (const entry of files?.files ?? []) this.#choose(files!, entry);
    return `content:${hash}`;
  }

  #choose({ root }: FileManifest, { path: name, size, sha256: hash }: FileEntry): void {
    if (this.#blobs.has(hash)) return;
    const { limit, say, store } = this.#options;
    const file = path.join(root, name);
    if (size > store.largest || this.#stored + size > limit) {
      const mib = (size / 2 ** 20).toFixed(1);
      if (limit > 0) say(`${file} (${mib} MiB) is beyond --store: workers need it at the same path.`);
      return;
    }
    this.#stored += size;
    this.#blobs.set(hash, { blob: { sha256: hash, size }, file });
  }

  async #describePlugin(url: string): Promise<CodeManifest> {
    const entry = await realpath(fileURLToPath(url));
    const { hash, files } = codeHash(url);
    const its = packageOf(entry);
    const found = its?.name === undefined ? undefined : findPackage(its.name, this.#options.packages);
    if (its?.name !== undefined && found !== undefined && found === (await realpath(its.folder))) {
      const { name, version = '' } = its;
      return { kind: 'code', code: hash, installed: { name, version, path: path.relative(found, entry) } };
    }
    const root = commonFolder(files);
    const names = files.map((file) => path.relative(root, file));
    return { kind: 'code', code: hash, files: await describeFiles(root, path.relative(root, entry), names) };
  }
}

/** The deepest folder that holds all of some files. */
function commonFolder(files: readonly string[]): string {
  let root = path.dirname(files[0]);
  while (files.some((file) => path.relative(root, file).startsWith('..'))) root = path.dirname(root);
  return root;
}
