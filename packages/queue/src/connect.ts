import { Redis, type RedisOptions } from 'ioredis';
import { GauntletError, reasonOf } from '@gauntlet/api';

/** Where a queue is, and what proves that one may use it. */
export interface QueueAddress {
  /** `redis://host:port/db`, or `rediss://` for TLS. */
  url: string;
  /** Of the ACL; instead of those in the URL. */
  username?: string;
  password?: string;
  /** Tasks and results are signed with it. */
  key?: string;
}

/**
 * From what the command line says and from the environment: GAUNTLET_QUEUE_USERNAME and GAUNTLET_QUEUE_PASSWORD keep
 * secrets out of the list of processes, GAUNTLET_QUEUE_KEY signs.
 * @throws GauntletError `usage`
 */
export function readAddress(url: string, env: Readonly<Record<string, string | undefined>>): QueueAddress {
  if (!/^rediss?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
    throw new GauntletError(
      'usage',
      `--queue must be redis://host:port, or rediss://host:port with TLS; found "${withoutSecrets(url)}".`,
    );
  return {
    url,
    username: env.GAUNTLET_QUEUE_USERNAME || undefined,
    password: env.GAUNTLET_QUEUE_PASSWORD || undefined,
    key: env.GAUNTLET_QUEUE_KEY || undefined,
  };
}

/** An address as it may be shown. */
export function withoutSecrets(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/]*@/, '$1');
}

/** Seconds that the first connection is tried for. */
const firstPatience = 10;

/**
 * A connection that is there now, and that comes back by itself whenever it is lost: commands wait for it meanwhile.
 * @throws GauntletError `queue-unreachable` if there is none within ten seconds
 */
export async function connect({ url, username, password }: QueueAddress): Promise<Redis> {
  const options: RedisOptions = {
    maxRetriesPerRequest: null,
    connectTimeout: 5000,
    retryStrategy: (times) => Math.min(50 * 2 ** times, 1000),
    lazyConnect: true,
    ...(username && { username }),
    ...(password && { password }),
  };
  const redis = new Redis(url, options);
  let last: unknown;
  redis.on('error', (error) => (last = error));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(last as Error), firstPatience * 1000);
  });
  try {
    await Promise.race([until(redis), late]);
    return redis;
  } catch (error) {
    redis.disconnect();
    throw new GauntletError(
      'queue-unreachable',
      `The queue at ${withoutSecrets(url)} cannot be reached (${reasonOf(last ?? error)}). Start Redis there, or name another with --queue; a user and a password go into the URL or into GAUNTLET_QUEUE_USERNAME and GAUNTLET_QUEUE_PASSWORD.`,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** A refused password or certificate will not be better the next time. */
async function until(redis: Redis): Promise<void> {
  const ready = new Promise<void>((resolve, reject) => {
    redis.once('ready', () => resolve());
    redis.on('error', (error) => {
      if (
        /WRONGPASS|NOAUTH|NOPERM|certificate|CERT_|SSL|TLS/i.test(
          `${error.message} ${String((error as { code?: string }).code)}`,
        )
      )
        reject(error);
    });
  });
  await Promise.all([ready, redis.connect().catch(() => {})]);
  await redis.ping();
}
