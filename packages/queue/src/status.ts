import { Queue } from 'bullmq';
import { connect, type QueueAddress } from './connect.js';
import { identityOf, prefix, runOf } from './identity.js';
import { list, type RunEntry, type WorkerEntry } from './roster.js';

export interface QueueStatus {
  runs: RunEntry[];
  workers: WorkerEntry[];
  /** Of the BullMQ queue for this version and key. */
  waiting: number;
  /** Those of them whose run is there no more: the next worker drops them. */
  orphaned: number;
  active: number;
  /** Runs and workers of another version or key, whose chunks are not counted. */
  elsewhere: number;
}

/** Who is on a queue, and how much waits there. */
export async function queueStatus(address: QueueAddress): Promise<QueueStatus> {
  const redis = await connect(address);
  const own = identityOf(address.key).queue;
  const queue = new Queue(own, { connection: redis, prefix });
  queue.on('error', () => {});
  try {
    const ids = await queue.getRanges(['waiting', 'prioritized']);
    const { active = 0 } = await queue.getJobCounts('active');
    const [runs, workers] = [await list(redis, 'run'), await list(redis, 'worker')];
    const there = new Set(runs.map(({ id }) => id));
    const orphaned = ids.filter((id) => !there.has(runOf(id))).length;
    const elsewhere = [...runs, ...workers].filter((entry) => entry.queue !== own).length;
    return { runs, workers, waiting: ids.length, orphaned, active, elsewhere };
  } finally {
    redis.disconnect();
    await queue.close().catch(() => {});
  }
}
