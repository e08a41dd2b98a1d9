import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Redis } from 'ioredis';
import { GauntletError } from '@gauntlet/api';
import { codeHash } from '@gauntlet/core';
import { keyOf } from '../identity.js';
import { type BlobStore, ContentLost, RedisStore } from './blob-store.js';
import {
  type CodeManifest,
  type FileEntry,
  type FileManifest,
  hashFile,
  isInside,
  type Manifest,
  sha256,
} from './manifest.js';
import type { PathMap } from './map-paths.js';
import { findPackage } from './packages.js';
import { readS3 } from './s3-place.js';
import { S3Store } from './s3-store.js';

interface Options {
  /** Folder for what was fetched, kept from one run to the next. */
  cache: string;
  /** Code that is sent may run. */
  allowPlugins: boolean;
  /** Where installed packages are looked for. */
  packages: readonly string[];
  /** Has what proves that one may use a store. */
  env: Readonly<Record<string, string | undefined>>;
}

/**
 * The worker's side: from references to places on this machine. Nothing is used whose sha256 is not the one that was
 * asked for, wherever it comes from: the planner's own path, the cache, or a store.
 */
export class Content {
  readonly #redis: Redis;
  readonly #options: Options;
  readonly #stores = new Map<string, BlobStore>();
  readonly #places = new Map<string, Promise<string>>();
  /** By place, what was there when it was last used. */
  readonly #used = new Map<string, string>();
  /** Something else is now at a place that was used before: whoever has opened it there has to let go of it. */
  onReplaced: () => Promise<void> = async () => {};

  constructor(redis: Redis, options: Options) {
    this.#redis = redis;
    this.#options = options;
  }

  /** Places of what a task names, which lies in this store: `s3://bucket/prefix`, or Redis. */
  from(name?: string): PathMap {
    return {
      file: (reference) =>
        this.#once(reference, async (hash, manifest) => {
          if (manifest.kind !== 'files') throw wrong(`${reference} is code, not data`);
          return this.#find(hash, manifest, this.#store(name));
        }),
      plugin: (reference) =>
        this.#once(reference, async (hash, manifest) => {
          if (manifest.kind !== 'code') throw wrong(`${reference} is data, not code`);
          const file = manifest.installed
            ? this.#installed(manifest.code, manifest.installed)
            : await this.#sent(hash, manifest, this.#store(name));
          return urlOf(file, manifest);
        }),
    };
  }

  #store(name: string | undefined): BlobStore {
    const key = name ?? '';
    const store =
      this.#stores.get(key) ??
      (name === undefined ? new RedisStore(this.#redis) : new S3Store(readS3(name, this.#options.env)));
    this.#stores.set(key, store);
    return store;
  }

  async #once(
    reference: string,
    locate: (hash: string, manifest: Manifest) => Promise<string>,
  ): Promise<string> {
    const [, hash] = /^content:([0-9a-f]{64})$/.exec(reference) ?? [];
    if (hash === undefined) throw wrong(`"${reference}" is no reference to content`);
    const locating = this.#places.get(hash) ?? this.#manifest(hash).then((found) => locate(hash, found));
    this.#places.set(hash, locating);
    try {
      const place = await locating;
      const before = this.#used.get(place);
      this.#used.set(place, hash);
      if (before !== undefined && before !== hash) await this.onReplaced();
      return place;
    } catch (error) {
      // It may be there the next time.
      this.#places.delete(hash);
      throw error;
    }
  }

  async #manifest(hash: string): Promise<Manifest> {
    const text = await this.#redis.get(keyOf.manifest(hash));
    if (text === null) throw new ContentLost(hash, `the list of files ${hash} is not in Redis (any more).`);
    if (sha256(text) !== hash)
      throw new ContentLost(hash, `the list of files ${hash} was damaged on the way.`);
    return JSON.parse(text) as Manifest;
  }

  /** At the planner's path, in the cache, or from the store into the cache. */
  async #find(hash: string, { root, entry, files }: FileManifest, store: BlobStore): Promise<string> {
    const outside = [entry, ...files.map((file) => file.path)].find((name) => !isInside(name));
    if (outside !== undefined) throw wrong(`a list of files names "${outside}", outside of its folder`);
    for (const { path: name, size, sha256: wanted } of files) {
      if (await isThere(path.join(root, name), size, wanted)) continue;
      const folder = path.join(this.#options.cache, hash);
      for (const file of files) await fetchFrom(store, file, { folder, root });
      return path.join(folder, entry);
    }
    return path.join(root, entry);
  }

  #installed(code: string, { name, version, path: inside }: NonNullable<CodeManifest['installed']>): string {
    if (!isInside(inside)) throw wrong(`the plugin ${name} (${code}) is outside of its package`);
    const folder = findPackage(name, this.#options.packages);
    if (folder) return path.join(folder, inside);
    throw refused(`${name} ${version} is not installed. Install it there`);
  }

  async #sent(hash: string, { files }: CodeManifest, store: BlobStore): Promise<string> {
    if (files && this.#options.allowPlugins) return this.#find(hash, files, store);
    throw refused(
      `${files?.entry ?? 'a plugin'} is code that is not installed. Install its package there, or start the worker with --allow-plugins if you trust whoever plans`,
    );
  }
}

/** The address of a plugin's module, if its code is the planner's. */
function urlOf(file: string, { code, installed }: CodeManifest): string {
  const url = pathToFileURL(file).href;
  if (codeHash(url).hash === code) return url;
  const { name = file, version = '' } = installed ?? {};
  throw refused(
    installed
      ? `${name} ${version} is installed in another build than the planner's. Install the same one on both.`
      : `the code of ${name} imports packages that are installed in other versions than on the planner. Install the same ones.`,
  );
}

async function fetchFrom(
  store: BlobStore,
  { path: name, size, sha256: wanted }: FileEntry,
  { folder, root }: { folder: string; root: string },
): Promise<void> {
  const file = path.join(folder, name);
  if (await isThere(file, size, wanted)) return;
  const why = await store.fetch({ sha256: wanted, size }, file);
  if (why === 'missing')
    throw new ContentLost(
      wanted,
      `${path.join(root, name)} (${(size / 2 ** 20).toFixed(1)} MiB) is not at this path here, not in the cache and not in ${store.name}. Put it there, or give the run a --store with room for it.`,
    );
  if (why === 'damaged')
    throw new ContentLost(
      wanted,
      `${name} was damaged on the way: its sha256 is another than the planner's.`,
    );
}

async function isThere(file: string, size: number, wanted: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() === true && found.size === size && (await hashFile(file)) === wanted;
}

const refused = (what: string) => new GauntletError('queue-plugin', `${what}.`);
const wrong = (what: string) => new GauntletError('queue-message', `${what}.`);
