import type { Report, Verdict } from '@gauntlet/api';

/** What the process says to the build. The only place where exit codes are made. */
export const exitCode = {
  /** Every expectation held. */
  held: 0,
  /** An expectation failed. */
  failed: 1,
  /** The command line, a spec, a model or a dataset is wrong: nothing was tested. */
  usage: 2,
  /** Inconclusive or unassessed: no evidence, so no pass. */
  inconclusive: 3,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
} as const;

/** Errors that stop a run in the middle, when there may be evidence already, but not enough. */
const midRun = new Set([
  'journal-write',
  'report-write',
  'augment-incomplete',
  'training-diverged',
  'worker-died',
  'queue-lost',
  'queue-no-worker',
  'queue-store-lost',
  'queue-tampered',
]);

export function codeOfError(code: string | undefined): number {
  if (code === 'interrupted') return exitCode.interrupted;
  return code !== undefined && midRun.has(code) ? exitCode.inconclusive : exitCode.usage;
}

export function codeOfReports(reports: readonly Report[]): number {
  if (reports.some(({ interrupted }) => interrupted)) return exitCode.interrupted;
  return codeOfVerdicts(reports.map(({ verdict }) => verdict));
}

export function codeOfVerdicts(verdicts: readonly Verdict[]): number {
  if (verdicts.includes('fail')) return exitCode.failed;
  return verdicts.length === 0 || verdicts.includes('inconclusive') ? exitCode.inconclusive : exitCode.held;
}
