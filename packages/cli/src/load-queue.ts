import { GauntletError } from '@gauntlet/api';

type QueuePackage = typeof import('@gauntlet/queue');

/**
 * The package for runs on many machines: it brings BullMQ along, which one machine has no use for.
 * @throws GauntletError `queue-missing`
 */
export async function loadQueue(): Promise<QueuePackage> {
  try {
    return await import('@gauntlet/queue');
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new GauntletError(
      'queue-missing',
      'A queue needs the package @gauntlet/queue, which is not installed. Install it beside the command line: npm install @gauntlet/queue',
      { cause: error },
    );
  }
}
