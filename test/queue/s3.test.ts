import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../packages/queue/src/content/manifest.js';
import { readS3 } from '../../packages/queue/src/content/s3-place.js';
import { S3Store } from '../../packages/queue/src/content/s3-store.js';
import { temporary } from '../support/cli.js';
import { type Fault, FakeS3, signatureOf } from '../support/s3.js';

const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
const blob = { sha256: sha256(bytes), size: bytes.length };

it('the server of these tests signs as in the example of the S3 documentation', () => {
  const headers = {
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'x-amz-date': '20130524T000000Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=?',
  };
  expect(
    signatureOf({ method: 'GET', path: '/test.txt', headers }, 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
  ).toBe('f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41');
});

describe('a store in S3', () => {
  const folder = temporary('s3');
  const [from, to] = [path.join(folder, 'model.bin'), path.join(folder, 'cache', 'model.bin')];
  let s3: FakeS3;
  const storeOf = (url = 's3://models/gauntlet', env = s3.env) =>
    new S3Store(readS3(url, env), { pauses: [1, 1], seconds: 0.5 });

  beforeAll(async () => {
    s3 = await FakeS3.start();
    writeFileSync(from, bytes);
  });
  beforeEach(() => {
    s3.objects.clear();
    s3.log.length = 0;
    s3.faults.length = 0;
  });
  afterEach(() => rmSync(path.dirname(to), { recursive: true, force: true }));
  afterAll(() => s3.close());

  it('keeps a file under its sha256, once, and gives it back', async () => {
    const store = storeOf();
    await store.keep(blob, from, false);
    await store.keep(blob, from, false);
    expect([...s3.objects]).toEqual([[`/models/gauntlet/${blob.sha256}`, bytes]]);
    expect(s3.calls).toEqual(['HEAD 404', 'PUT 200', 'HEAD 200']);
    expect(await store.fetch(blob, to)).toBeUndefined();
    expect(readFileSync(to).equals(bytes)).toBe(true);
  });

  it('puts it there again if it is not whole, or if somebody found it damaged', async () => {
    const store = storeOf();
    const name = `/models/gauntlet/${blob.sha256}`;
    s3.objects.set(name, bytes.subarray(1));
    await store.keep(blob, from, false);
    expect(s3.objects.get(name)).toEqual(bytes);
    s3.objects.set(name, Buffer.alloc(bytes.length));
    await store.keep(blob, from, true);
    expect(s3.objects.get(name)).toEqual(bytes);
  });

  it('sends no file that is another one by now', async () => {
    const other = { ...blob, sha256: sha256('what was there') };
    await storeOf().keep(other, from, false);
    expect(s3.calls).toEqual(['HEAD 404']);
  });

  const each: Fault[] = ['busy', 'cut', 'other bytes', 'hangs', 'reset'];
  it.each(each)('gets over a server that fails twice (%s)', async (fault) => {
    const store = storeOf();
    s3.objects.set(`/models/gauntlet/${blob.sha256}`, bytes);
    s3.faults.push({ method: 'GET', fault }, { method: 'GET', fault });
    expect(await store.fetch(blob, to)).toBeUndefined();
    expect(readFileSync(to).equals(bytes)).toBe(true);
    expect(readdirSync(path.dirname(to))).toEqual(['model.bin']);
  });

  it.each(['busy', 'hangs', 'reset'] as const)(
    'gets over one that takes nothing twice (%s)',
    async (fault) => {
      s3.faults.push({ method: 'PUT', fault }, { method: 'PUT', fault });
      await storeOf().keep(blob, from, false);
      expect([...s3.objects.values()]).toEqual([bytes]);
    },
  );

  it.each([
    ['busy', 'status 503, SlowDown'],
    ['cut', 'other side closed|terminated'],
    ['hangs', 'aborted due to timeout'],
    ['reset', 'other side closed|ECONNRESET'],
  ] as const)('says what it was if the server goes on failing (%s)', async (fault, why) => {
    s3.objects.set(`/models/gauntlet/${blob.sha256}`, bytes);
    for (let i = 0; i < 3; i++) s3.faults.push({ method: 'GET', fault });
    const failure = await storeOf()
      .fetch(blob, to)
      .catch((error: unknown) => String(error));
    expect(failure).toMatch(
      new RegExp(`Nothing could be fetched in s3://models/gauntlet: .*(${why}).*\\[queue-store\\]`),
    );
    expect(readdirSync(path.dirname(folder))).toContain(path.basename(folder));
    expect(readdirSync(folder).includes('cache') ? readdirSync(path.dirname(to)) : []).toEqual([]);
  });

  it('leaves nothing that is not what it should be, and says what the planner can do', async () => {
    const store = storeOf();
    expect(await store.fetch(blob, to)).toBe('missing');
    s3.objects.set(`/models/gauntlet/${blob.sha256}`, Buffer.alloc(bytes.length));
    expect(await store.fetch(blob, to)).toBe('damaged');
    expect(readdirSync(path.dirname(to))).toEqual([]);
  });

  it.each([
    [{ AWS_SECRET_ACCESS_KEY: 'guessed' }, 's3://models', '403, SignatureDoesNotMatch'],
    [{ AWS_ACCESS_KEY_ID: 'nobody' }, 's3://models', '403, InvalidAccessKeyId'],
    [{ AWS_REGION: 'us-east-1' }, 's3://models', '400, AuthorizationHeaderMalformed'],
    [{}, 's3://elsewhere/x', '404, NoSuchBucket'],
  ])('is told at once where it may not write (%o %s)', async (env, url, why) => {
    const said = await storeOf(url, { ...s3.env, ...env })
      .check()
      .catch((error: unknown) => String(error));
    expect(said).toContain(`Nothing could be written in ${url}: status ${why}. [queue-store]`);
    expect(said).not.toContain('guessed');
    expect(s3.log.length).toBe(1);
  });
});

it('an address of S3 goes to Amazon, or to the server that the environment names', () => {
  const env = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  const at = (url: string, more = {}) => readS3(url, { ...env, ...more }).objects;
  expect(at('s3://lab/')).toBe('https://lab.s3.us-east-1.amazonaws.com/');
  expect(at('s3://lab/a/b', { AWS_DEFAULT_REGION: 'eu-west-1' })).toBe(
    'https://lab.s3.eu-west-1.amazonaws.com/a/b/',
  );
  expect(at('s3://lab.example.org')).toBe('https://s3.us-east-1.amazonaws.com/lab.example.org/');
  expect(at('s3://lab/a', { AWS_ENDPOINT_URL: 'http://minio:9000/' })).toBe('http://minio:9000/lab/a/');
  expect(() => at('s3://lab', { AWS_ENDPOINT_URL_S3: 'minio:9000' })).toThrow(
    /must be an address like https/,
  );
  expect(() => readS3('s3://lab', {})).toThrow(/needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/);
  for (const wrong of ['s3://', 's3://a', 's3://lab/../x', 's3://lab/a b', 's3://lab?x=1'])
    expect(() => at(wrong)).toThrow(/--store must be a number of MiB, or s3:\/\/bucket\/prefix/);
  expect(() => at('s3://me:secret@lab')).toThrow(/found "s3:\/\/lab"/);
});
