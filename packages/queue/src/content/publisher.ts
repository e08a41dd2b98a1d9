import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import { codeHash, packageOf } from '@gauntlet/core';
import { keyOf } from '../identity.js';
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

/** Seconds that content stays in Redis after a run has last said that it is needed. */
const lifetime = 86_400;
/** Redis keeps no value above 512 MB. */
const largestBlob = 500 * 2 ** 20;

interface Options {
  /** Bytes of all content that is put into Redis; what is beyond has to be at the same path on the workers. */
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
  /** By sha256, the file that has these bytes, for those that are put into Redis. */
  readonly #blobs = new Map<string, string>();
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

  /** Puts into Redis what has never been there; whoever asks meanwhile waits. */
  publishNew(): Promise<void> {
    this.#publishing = this.#publishing
      .catch(() => {})
      .then(() => (this.#isNew ? this.publish() : undefined));
    return this.#publishing;
  }

  /** Puts into Redis what is not there (any more), and keeps the rest there. */
  async publish(): Promise<void> {
    const redis = this.#redis;
    this.#isNew = false;
    for (const [hash, text] of this.#manifests) await redis.set(keyOf.manifest(hash), text, 'EX', lifetime);
    for (const [hash, file] of this.#blobs) {
      if (await redis.expire(keyOf.blob(hash), lifetime)) continue;
      const bytes = await readFile(file);
      // What was replaced since is none of this run, and no worker would take it.
      if (sha256(bytes) === hash) await redis.set(keyOf.blob(hash), bytes, 'EX', lifetime);
    }
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
    const { limit, say } = this.#options;
    const file = path.join(root, name);
    if (size > largestBlob || this.#stored + size > limit) {
      const mib = (size / 2 ** 20).toFixed(1);
      if (limit > 0) say(`${file} (${mib} MiB) is beyond --store: workers need it at the same path.`);
      return;
    }
    this.#stored += size;
    this.#blobs.set(hash, file);
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
