import { existsSync } from 'node:fs';
import path from 'node:path';
import { it } from 'vitest';

/** Set by .ci/run: what cannot be tested for want of something is then a failure. */
const nothingMayBeSkipped = process.env.GAUNTLET_TEST_ALL === '1';

type Body = () => void | Promise<void>;

/** `it` for tests that need something a machine may not have; where it is missing they are skipped by name. */
export function needing(what: string, there: boolean) {
  return (name: string, body: Body, timeout?: number): void => {
    if (there) it(name, body, timeout);
    else if (nothingMayBeSkipped)
      it(name, () => Promise.reject(new Error(`This test needs ${what}, which is not here.`)));
    else it.skip(`${name} (needs ${what})`);
  };
}

/** Real images and models by other people; never part of the repository. */
export const sharedFolder = path.resolve(import.meta.dirname, '../../../shared/data');
export const shared = (...parts: string[]) => path.join(sharedFolder, ...parts);
export const itWithRealData = needing('real data beside the repository', existsSync(sharedFolder));
/** Worker processes are found and killed by way of /proc; a full disk is /dev/full. */
export const itOnLinux = needing('Linux', process.platform === 'linux');
/** Installing takes as long as dozens of other tests, and a network: .ci/run does it. */
export const installs = nothingMayBeSkipped;
export const itInstalling = needing(
  'GAUNTLET_TEST_ALL=1, since it installs half a gigabyte from the registry',
  installs,
);
