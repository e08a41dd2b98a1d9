export { type QueueAddress, readAddress, withoutSecrets } from './connect.js';
export { QueueHost, type QueueOptions } from './queue-host.js';
export type { RunEntry, WorkerEntry } from './roster.js';
export { serve, type WorkOptions } from './serve.js';
export { type QueueStatus, queueStatus } from './status.js';
export { readS3, type S3Place } from './content/s3-place.js';
