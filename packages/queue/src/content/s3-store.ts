import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, openAsBlob, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import { GauntletError, reasonOf } from '@gauntlet/api';
import type { Blob, BlobStore } from './blob-store.js';
import { hashFile } from './manifest.js';
import type { S3Place } from './s3-place.js';

interface Patience {
  /** Milliseconds between one try and the next; there is one try more than pauses. */
  pauses: readonly number[];
  /** Seconds for a request, with one more for each MiB. */
  seconds: number;
}

const emptyBlob = { sha256: createHash('sha256').digest('hex'), size: 0 };

/** A store that speaks Amazon's S3 protocol (AWS, MinIO, Ceph, R2, …), where an object's name is its sha256. */
export class S3Store implements BlobStore {
  readonly name: string;
  /** What one PUT may bring. */
  readonly largest = 5 * 2 ** 30;
  readonly #place: S3Place;
  readonly #patience: Patience;

  constructor(place: S3Place, patience: Patience = { pauses: [300, 1000, 3000], seconds: 30 }) {
    this.name = place.name;
    this.#place = place;
    this.#patience = patience;
  }

  /**
   * Puts an object without bytes there, so that a run knows before it begins that it may.
   * @throws GauntletError `queue-store`
   */
  async check(): Promise<void> {
    await this.#put(emptyBlob, '');
  }

  async keep(blob: Blob, file: string, anew: boolean): Promise<void> {
    if (!anew && (await this.#has(blob))) return;
    // What was replaced since is none of this run, and no worker would take it.
    if ((await hashFile(file)) === blob.sha256) await this.#put(blob, file);
  }

  fetch(blob: Blob, file: string): Promise<'missing' | 'damaged' | undefined> {
    return this.#patiently('fetched', async (last) => {
      const response = await this.#ask('GET', blob);
      if (response.status === 404) {
        await response.body?.cancel();
        return 'missing';
      }
      if (!response.ok) throw await failureOf(response);
      if (await receive(response, blob, file)) return undefined;
      if (!last) throw new Error('its sha256 is another');
      return 'damaged';
    });
  }

  /** Whoever may not list a bucket is told 403 of what is not there, too. */
  async #has(blob: Blob): Promise<boolean> {
    return this.#patiently('looked for', async () => {
      const response = await this.#ask('HEAD', blob);
      if (response.ok) return Number(response.headers.get('content-length')) === blob.size;
      if (response.status === 403 || response.status === 404) return false;
      throw await failureOf(response);
    });
  }

  async #put(blob: Blob, file: string): Promise<void> {
    await this.#patiently('written', async () => {
      const response = await this.#ask('PUT', blob, file === '' ? undefined : await openAsBlob(file));
      if (!response.ok) throw await failureOf(response);
      await response.body?.cancel();
    });
  }

  /** The server holds the sha256 that is signed against the bytes that it gets. */
  async #ask(method: string, { sha256, size }: Blob, body?: globalThis.Blob): Promise<Response> {
    const { objects, ...credentials } = this.#place;
    const hash = method === 'PUT' ? sha256 : emptyBlob.sha256;
    const headers = { 'x-amz-content-sha256': hash };
    const url = `${objects}${sha256}`;
    const signed = await new AwsV4Signer({ ...credentials, service: 's3', method, url, headers }).sign();
    const signal = AbortSignal.timeout(Math.ceil((this.#patience.seconds + size / 2 ** 20) * 1000));
    // Another address would need another signature.
    return fetch(signed.url, { method, headers: signed.headers, body, signal, redirect: 'manual' });
  }

  /** Again and again, with pauses, as long as another try may help. */
  async #patiently<T>(what: string, attempt: (last: boolean) => Promise<T>): Promise<T> {
    const { pauses } = this.#patience;
    for (let tries = 0; ; tries++) {
      try {
        return await attempt(tries === pauses.length);
      } catch (error) {
        if (!(error instanceof Refused) && tries < pauses.length) {
          await sleep(pauses[tries]);
          continue;
        }
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
        throw new GauntletError(
          'queue-store',
          `Nothing could be ${what} in ${this.name}: ${reasonOf(cause)}.`,
          { cause: error },
        );
      }
    }
  }
}

/** No other try will be answered otherwise. */
class Refused extends Error {}

/** What a server says, with the code that S3's errors have. */
async function failureOf(response: Response): Promise<Error> {
  const { status } = response;
  const text = await response.text().catch(() => '');
  const code = /<Code>(\w+)<\/Code>/.exec(text.slice(0, 10_000))?.[1];
  const said = [`status ${status}`, ...(code === undefined ? [] : [code])].join(', ');
  if (status >= 500 || status === 429 || status === 408) return new Error(said);
  return new Refused(status < 400 ? `${said}: the bucket is elsewhere, set AWS_REGION` : said);
}

/** Into a file of another name at first, and under its own if all of it is what it should be. */
async function receive({ body }: Response, blob: Blob, file: string): Promise<boolean> {
  mkdirSync(path.dirname(file), { recursive: true });
  const part = `${file}.${randomUUID()}.part`;
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(data: Buffer, _, done) {
      hash.update(data);
      done(null, data);
    },
  });
  // Opened now: a stream that is ended early opens its file after it was taken away.
  const target = await open(part, 'wx');
  try {
    const source = body ? Readable.fromWeb(body as ReadableStream) : Readable.from([]);
    await pipeline(source, hashing, target.createWriteStream());
    const right = hash.digest('hex') === blob.sha256;
    if (right) renameSync(part, file);
    return right;
  } finally {
    rmSync(part, { force: true });
  }
}
