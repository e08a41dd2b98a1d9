import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where CI servers say which revision they build: GitHub, GitLab, Azure, Jenkins. */
const variables = ['GITHUB_SHA', 'CI_COMMIT_SHA', 'BUILD_SOURCEVERSION', 'GIT_COMMIT'];

/** The revision that a file is tested at: as the CI server says, or git for its folder; none outside of a repository. */
export function commitOf(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const said = variables.map((name) => env[name]).find(isCommit);
  if (said !== undefined) return said;
  if (!isInRepository(path.dirname(path.resolve(file)))) return undefined;
  try {
    const found = execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: path.dirname(file),
      encoding: 'utf8',
      timeout: 5000,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return isCommit(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

const isCommit = (text: string | undefined): text is string => /^[0-9a-f]{40,64}$/.test(text ?? '');

/** Spares a process of git where it would find nothing. */
const isInRepository = (folder: string): boolean =>
  existsSync(path.join(folder, '.git')) ||
  (path.dirname(folder) !== folder && isInRepository(path.dirname(folder)));
