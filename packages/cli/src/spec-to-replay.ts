import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { GauntletError, type Report } from '@gauntlet/api';
import { specOfRun } from '@gauntlet/core';

interface Asked {
  /** Run folder, absolute. */
  folder: string;
  report: Report;
  /** What `--spec` says. */
  given: string | undefined;
  cwd: string;
}

/**
 * The spec that a run is replayed with. To load it may run code, and the run folder may be another's: what it names is
 * taken only from the tree of the current folder; any other has to be given by the user.
 * @throws GauntletError `usage`
 */
export function specToReplay({ folder, report, given, cwd }: Asked): string {
  if (given !== undefined) return path.resolve(cwd, given);
  const noted = specOfRun(folder);
  if (noted === undefined || !existsSync(noted) || path.basename(noted) !== report.spec)
    throw new GauntletError(
      'usage',
      `${folder} does not say where its spec ${report.spec} lies${noted === undefined ? '' : ` (${noted} is not it)`}. Name it with --spec <file>.`,
    );
  const inside = path.relative(realpathSync(cwd), realpathSync(noted));
  if (inside.startsWith('..') || path.isAbsolute(inside))
    throw new GauntletError(
      'usage',
      `The run names the spec ${noted}, which lies outside of the current folder, and a spec can run code. If you trust it, say so: --spec ${noted}`,
    );
  return noted;
}
