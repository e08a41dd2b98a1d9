import type { Outcome } from './outcome.js';
import type { CellReport, Report, VictimReport } from './report.js';

/** What a run tells while it runs; reporters and the progress display are its consumers. */
export type RunEvent =
  | {
      type: 'run-started';
      /** The spec's file. */
      spec: string;
      victims: Pick<VictimReport, 'name' | 'kind' | 'bounds'>[];
      cells: { id: string; samples: number; reused: number }[];
      workers: number;
    }
  | { type: 'note'; message: string }
  | { type: 'chunk-done'; cell: string; outcomes: Outcome[]; seconds: number }
  | { type: 'retry'; cell: string; samples: number; reason: string }
  | { type: 'cell-done'; cell: CellReport; reused: boolean }
  | { type: 'run-done'; report: Report };
