import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

export interface Weight {
  shape: readonly number[];
  values: Float32Array;
}

/** What is taken from an HDF5 file. */
export interface Hdf5 {
  /** Of each group by its path, those that are a text or a list of texts; the file's own are under ''. */
  attributes: Record<string, Record<string, string | string[] | undefined> | undefined>;
  /** Data sets of float32 by their paths. */
  weights: Map<string, Weight>;
}

/** The same place from the sources and from what is built of them. */
const script = fileURLToPath(new URL('../../workers/read-hdf5.mjs', import.meta.url));

/** Seconds that reading so many bytes may take. */
const longest = (bytes: number): number => 10 + bytes / 2 ** 20;

/**
 * Reads groups of an HDF5 file, with all that is in them. The bytes go to another thread, and are empty afterwards.
 * @throws Error that says what is wrong with the file
 */
export async function readHdf5(
  bytes: Uint8Array<ArrayBuffer>,
  groups: readonly string[],
  seconds = longest(bytes.length),
): Promise<Hdf5> {
  const worker = new Worker(script, {
    workerData: { bytes, groups },
    transferList: [bytes.buffer],
    execArgv: [],
    // The library writes its errors there as well.
    stdout: true,
    stderr: true,
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      const refuse = (why: string, cause?: unknown) => reject(new Error(why, { cause }));
      timer = setTimeout(
        () => refuse(`its HDF5 file could not be read in ${Math.round(seconds)} s`),
        1000 * seconds,
      );
      worker.once('error', (error) => refuse(`its HDF5 file is damaged: ${firstLine(error)}`, error));
      worker.once('exit', () => refuse('the reader of its HDF5 file ended'));
      worker.once(
        'message',
        ({ attributes, weights }: Pick<Hdf5, 'attributes'> & { weights: (Weight & { path: string })[] }) =>
          resolve({ attributes, weights: new Map(weights.map(({ path, ...weight }) => [path, weight])) }),
      );
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

/** HDF5 tells its whole stack of errors. */
const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0].slice(0, 200);
