import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** What a parquet file says of itself. */
export interface ParquetHead {
  /** Of its columns. */
  names: string[];
  /** What Hugging Face's `datasets` writes beside the schema, as JSON. */
  notes?: string;
}

export type ParquetRow = Record<string, unknown>;

/** The same place from the sources and from what is built of them. */
const script = fileURLToPath(new URL('../../workers/read-parquet.mjs', import.meta.url));
/** MiB of a reader's objects; the images themselves are outside of them. */
const mostMemory = 1024;

/** Seconds that reading a file of so many bytes may take. */
const longest = (bytes: number): number => 10 + bytes / 2 ** 20;

/**
 * Reads rows of a parquet file in a thread of its own, which ends however long a damaged file would keep it.
 * @param choose The columns that are wanted; what it throws is thrown.
 * @throws What the reader has to say against the file
 */
export async function readParquetRows(
  file: string,
  choose: (head: ParquetHead) => readonly string[],
  seconds = longest(statSync(file).size),
): Promise<ParquetRow[]> {
  const worker = new Worker(script, {
    workerData: file,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: mostMemory },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`it could not be read in ${Math.round(seconds)} s`)),
        1000 * seconds,
      );
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('its reader ended')));
      worker.once('message', (head: ParquetHead) => {
        worker.once('message', resolve);
        try {
          worker.postMessage(choose(head));
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
