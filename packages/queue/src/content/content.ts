import { mkdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Redis } from 'ioredis';
import { GauntletError } from '@gauntlet/api';
import { codeHash, writeWhole } from '@gauntlet/core';
import { keyOf } from '../identity.js';
import {
  type CodeManifest,
  type FileManifest,
  hashFile,
  isInside,
  type Manifest,
  sha256,
} from './manifest.js';
import { findPackage } from './packages.js';
import type { PathMap } from './map-paths.js';

interface Options {
  /** Folder for what was fetched, kept from one run to the next. */
  cache: string;
  /** Code that is sent may run. */
  allowPlugins: boolean;
  /** Where installed packages are looked for. */
  packages: readonly string[];
}

/**
 * The worker's side: from references to places on this machine. Nothing is used whose sha256 is not the one that was
 * asked for, wherever it comes from: the planner's own path, the cache, or Redis.
 */
export class Content implements PathMap {
  readonly #redis: Redis;
  readonly #options: Options;
  readonly #places = new Map<string, Promise<string>>();
  /** By place, what was there when it was last used. */
  readonly #used = new Map<string, string>();
  /** Something else is now at a place that was used before: whoever has opened it there has to let go of it. */
  onReplaced: () => Promise<void> = async () => {};

  constructor(redis: Redis, options: Options) {
    this.#redis = redis;
    this.#options = options;
  }

  file = (reference: string): Promise<string> =>
    this.#once(reference, async (hash, manifest) => {
      if (manifest.kind !== 'files') throw wrong(`${reference} is code, not data`);
      return this.#find(hash, manifest);
    });

  plugin = (reference: string): Promise<string> =>
    this.#once(reference, async (hash, manifest) => {
      if (manifest.kind !== 'code') throw wrong(`${reference} is data, not code`);
      const file = manifest.installed
        ? this.#installed(manifest.code, manifest.installed)
        : await this.#sent(hash, manifest);
      const url = pathToFileURL(file).href;
      if (codeHash(url).hash === manifest.code) return url;
      const { name = file, version = '' } = manifest.installed ?? {};
      throw refused(
        manifest.installed
          ? `${name} ${version} is installed in another build than the planner's. Install the same one on both.`
          : `the code of ${name} imports packages that are installed in other versions than on the planner. Install the same ones.`,
      );
    });

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
    if (text === null) throw missing(`the list of files ${hash} is not in Redis (any more)`);
    if (sha256(text) !== hash) {
      await this.#redis.del(keyOf.manifest(hash));
      throw missing(`the list of files ${hash} was damaged on the way`);
    }
    return JSON.parse(text) as Manifest;
  }

  /** At the planner's path, in the cache, or from Redis into the cache. */
  async #find(hash: string, { root, entry, files }: FileManifest): Promise<string> {
    const outside = [entry, ...files.map((file) => file.path)].find((name) => !isInside(name));
    if (outside !== undefined) throw wrong(`a list of files names "${outside}", outside of its folder`);
    for (const { path: name, size, sha256: wanted } of files) {
      if (await isThere(path.join(root, name), size, wanted)) continue;
      const folder = path.join(this.#options.cache, hash);
      for (const file of files) await this.#fetch(file, folder, root);
      return path.join(folder, entry);
    }
    return path.join(root, entry);
  }

  async #fetch(
    { path: name, size, sha256: wanted }: FileManifest['files'][number],
    folder: string,
    root: string,
  ): Promise<void> {
    const file = path.join(folder, name);
    if (await isThere(file, size, wanted)) return;
    const bytes = await this.#redis.getBuffer(keyOf.blob(wanted));
    if (bytes === null)
      throw missing(
        `${path.join(root, name)} (${(size / 2 ** 20).toFixed(1)} MiB) is not at this path here, not in the cache and not in Redis. Put it there, or raise --store of the run`,
      );
    if (sha256(bytes) !== wanted) {
      await this.#redis.del(keyOf.blob(wanted));
      throw missing(`${name} was damaged on the way: its sha256 is another than the planner's`);
    }
    mkdirSync(path.dirname(file), { recursive: true });
    writeWhole(file, [bytes]);
  }

  #installed(code: string, { name, version, path: inside }: NonNullable<CodeManifest['installed']>): string {
    if (!isInside(inside)) throw wrong(`the plugin ${name} (${code}) is outside of its package`);
    const folder = findPackage(name, this.#options.packages);
    if (folder) return path.join(folder, inside);
    throw refused(`${name} ${version} is not installed. Install it there`);
  }

  async #sent(hash: string, { files }: CodeManifest): Promise<string> {
    if (files && this.#options.allowPlugins) return this.#find(hash, files);
    throw refused(
      `${files?.entry ?? 'a plugin'} is code that is not installed. Install its package there, or start the worker with --allow-plugins if you trust whoever plans`,
    );
  }
}

async function isThere(file: string, size: number, wanted: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() === true && found.size === size && (await hashFile(file)) === wanted;
}

/** The planner can put it there again. */
const missing = (what: string) => new GauntletError('queue-content', `${what}.`);
const refused = (what: string) => new GauntletError('queue-plugin', `${what}.`);
const wrong = (what: string) => new GauntletError('queue-message', `${what}.`);
