import type { CellChoice } from './2-plan/cells.js';
import type { WorkerSlot } from './3-run/worker-slot.js';
import type { WorkerHost } from './3-run/worker-host.js';
import type { Baseline } from './compare/baseline.js';

export interface RunOptions extends CellChoice {
  /** Folder for the journal; made if it is not there. */
  output: string;
  /** Worker processes; 0 does everything in this process, for debugging. Default: one per core. */
  workers?: number;
  /** Continue the journal in `output`. */
  resume?: boolean;
  /** Seconds that one chunk may take. */
  timeout?: number;
  /** Largest number of samples in one chunk. */
  batchSize?: number;
  /** Stop after this many cells that do not pass. */
  bail?: number;
  /** Interrupts the run; its report covers what is there. */
  signal?: AbortSignal;
  /** Images of each chunk to keep in `output`; see `readImages`. None by default. */
  images?: { most?: number };
  /** Samples of each cell whose way through the attack is recorded. None by default. */
  traces?: number;
  /** Do cells again that are unchanged since an earlier run in `output`. */
  force?: boolean;
  /** Workers to use, and to leave running, instead of new ones. */
  host?: WorkerHost;
  /** The first worker, started before; it ends with the run. */
  firstWorker?: WorkerSlot;
  /** The revision of the repository, for the report. */
  commit?: string;
  /** Compare with this earlier report, sample by sample; regressions fail the run. */
  baseline?: Baseline;
}

export const runDefaults = { timeout: 1800, batchSize: 100 } as const;
