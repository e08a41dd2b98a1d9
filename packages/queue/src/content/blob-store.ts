import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Redis } from 'ioredis';
import { GauntletError } from '@gauntlet/api';
import { writeWhole } from '@gauntlet/core';
import { keyOf } from '../identity.js';
import { sha256 } from './manifest.js';

/** Bytes of a file, by what they are. */
export interface Blob {
  sha256: string;
  /** Bytes. */
  size: number;
}

/** Where files lie on their way from the planner to the workers. */
export interface BlobStore {
  /** As it may be shown. */
  readonly name: string;
  /** Bytes of the largest file that it takes. */
  readonly largest: number;
  /**
   * The planner's side: puts a file there, and keeps there what is there already.
   * @param anew Whatever is there under this name is not what it should be.
   */
  keep(blob: Blob, file: string, anew: boolean): Promise<void>;
  /**
   * The worker's side: writes the blob into a file, after its sha256 was found right.
   * @returns Why it did not: the planner can put the blob there again; nothing where it did
   */
  fetch(blob: Blob, file: string): Promise<'missing' | 'damaged' | undefined>;
}

/** The planner can put it there again. */
export class ContentLost extends GauntletError {
  readonly sha256: string;

  constructor(lost: string, message: string) {
    super('queue-content', message);
    this.sha256 = lost;
  }
}

/** Seconds that content stays in Redis after a run has last said that it is needed. */
export const lifetime = 86_400;

/** For what is small: Redis holds it in memory. */
export class RedisStore implements BlobStore {
  readonly name = 'Redis';
  /** Redis keeps no value above 512 MB. */
  readonly largest = 500 * 2 ** 20;
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async keep({ sha256: hash }: Blob, file: string, anew: boolean): Promise<void> {
    if (!anew && (await this.#redis.expire(keyOf.blob(hash), lifetime))) return;
    const bytes = await readFile(file);
    // What was replaced since is none of this run, and no worker would take it.
    if (sha256(bytes) === hash) await this.#redis.set(keyOf.blob(hash), bytes, 'EX', lifetime);
  }

  async fetch({ sha256: hash }: Blob, file: string): Promise<'missing' | 'damaged' | undefined> {
    const bytes = await this.#redis.getBuffer(keyOf.blob(hash));
    if (bytes === null) return 'missing';
    if (sha256(bytes) !== hash) return 'damaged';
    mkdirSync(path.dirname(file), { recursive: true });
    writeWhole(file, [bytes]);
    return undefined;
  }
}
