import { GauntletError } from '@gauntlet/api';

/** A folder in a bucket, and what proves that one may use it. */
export interface S3Place {
  /** `s3://bucket/prefix`. */
  name: string;
  /** Address that the name of an object is put behind. */
  objects: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * From `s3://bucket/prefix` and the variables that other tools read, too: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
 * AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL_S3. No secret is ever part of a task or a report.
 * @throws GauntletError `usage`, and `queue-store` where the environment lacks something
 */
export function readS3(given: string, env: Environment): S3Place {
  const [, bucket, folder = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[\w.-]+)*)\/?$/.exec(given) ?? [];
  if (bucket === undefined || folder.split('/').some((part) => /^\.+$/.test(part)))
    throw new GauntletError(
      'usage',
      `--store must be a number of MiB, or s3://bucket/prefix of letters, digits and ._-; found "${given.replace(/\/\/[^/]*@/, '//')}".`,
    );
  const name = `s3://${bucket}${folder}`;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey)
    throw new GauntletError(
      'queue-store',
      `${name} needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment of the planner and of every worker.`,
    );
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1';
  const sessionToken = env.AWS_SESSION_TOKEN || undefined;
  const objects = `${bucketAt(bucket, region, env)}${folder}/`;
  return { name, objects, region, accessKeyId, secretAccessKey, sessionToken };
}

/** Servers other than Amazon's know a bucket by the path; a dot in a bucket's name goes with no certificate of Amazon's. */
function bucketAt(bucket: string, region: string, env: Environment): string {
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  if (endpoint === undefined)
    return bucket.includes('.')
      ? `https://s3.${region}.amazonaws.com/${bucket}`
      : `https://${bucket}.s3.${region}.amazonaws.com`;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search)
    throw new GauntletError('queue-store', 'AWS_ENDPOINT_URL_S3 must be an address like https://host:9000.');
  return `${url.href.replace(/\/+$/, '')}/${bucket}`;
}
