import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { gauntlet, inProcess, repository, temporary } from '../support/cli.js';
import { start } from '../support/processes.js';
import { freePort, itWithRedis, RedisServer } from '../support/redis.js';
import { fakeHost, fakeSpec, plan, work } from './fakes.js';

itWithRedis('a user of Redis needs no more rights than docs/guide/many-machines.md gives', async () => {
  const rights = ['on', '>secret', '~gauntlet:*', '+@all', '-@admin', '-@dangerous', '+info'];
  const args = ['--user', 'worker', ...rights, '--requirepass', 'for nobody'];
  const redis = await RedisServer.start({ args });
  const url = `redis://worker:secret@127.0.0.1:${redis.port}`;
  const worker = work(url, fakeHost());
  const { done, item } = await plan(url, fakeSpec(4), { timeout: 20 });
  await done;
  worker.end();
  await worker.done;
  expect(item.outcomes.size).toBe(4);

  const { code, stderr } = await gauntlet('queue', 'status', '--queue', url.replace('secret', 'guessed'));
  expect(code).toBe(2);
  expect(stderr).toMatch(/queue at redis:\/\/127\S+ cannot be reached \(.*WRONGPASS.*\[queue-unreachable\]/);
  expect(stderr).not.toContain('guessed');
  const env = { GAUNTLET_QUEUE_USERNAME: 'worker', GAUNTLET_QUEUE_PASSWORD: 'secret' };
  expect((await inProcess(['queue', 'status', '--queue', redis.url], { env })).code).toBe(0);
  await redis.kill();
});

itWithRedis('rediss:// speaks TLS, with a certificate that is checked', async () => {
  const folder = temporary('tls');
  const [cert, secret] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
  const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', secret, '-out', cert];
  expect(spawnSync('openssl', ['req', ...made, ...subject]).status).toBe(0);
  const port = await freePort();
  const tls = [
    '--tls-port',
    port,
    '--tls-cert-file',
    cert,
    '--tls-key-file',
    secret,
    '--tls-ca-cert-file',
    cert,
  ];
  const redis = await RedisServer.start({ args: [...tls.map(String), '--tls-auth-clients', 'no'] });
  const url = `rediss://localhost:${port}`;
  const status = ['queue', 'status', '--queue', url];
  expect((await gauntlet(...status)).stderr).toMatch(/cannot be reached \(self-signed certificate/);
  const trusting = await start(status, { env: { NODE_EXTRA_CA_CERTS: cert } }).done;
  expect([trusting.code, trusting.stdout]).toEqual([0, '0 chunks waiting, 0 being done.\n']);
  await redis.kill();
});

itWithRedis(
  'an address that is none, and a queue that is not there, are said to be so',
  async () => {
    const of = async (url: string) => {
      const { code, stderr } = await gauntlet('work', '--queue', url);
      return [code, stderr];
    };
    expect(await of('http://x:y@z')).toEqual([
      2,
      expect.stringMatching(/must be redis:.*found "http:\/\/z"/),
    ]);
    const nowhere = `redis://127.0.0.1:${await freePort()}`;
    expect(await of(nowhere)).toEqual([2, expect.stringMatching(/cannot be reached \(connect ECONNREFUSED/)]);
  },
  60_000,
);

it('says what to install where the package of the queue is not there', async () => {
  const hook = pathToFileURL(path.join(repository, 'test/queue/without-queue.mjs')).href;
  const env = { NODE_OPTIONS: `--import ${hook}` };
  const { code, stderr } = await start(['work', '--queue', 'redis://x'], { env }).done;
  expect([code, stderr]).toEqual([2, expect.stringContaining('npm install @gauntlet/queue [queue-missing]')]);
});
