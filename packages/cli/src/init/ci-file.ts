import { existsSync } from 'node:fs';
import path from 'node:path';

export type CiSystem = 'github' | 'gitlab' | 'none';

/** The repository that a folder is in, if it is in one. */
export function repositoryOf(folder: string): string | undefined {
  if (existsSync(path.join(folder, '.git'))) return folder;
  const parent = path.dirname(folder);
  return parent === folder ? undefined : repositoryOf(parent);
}

/** The system that a repository uses already. */
export function ciSystemOf(repository: string): CiSystem {
  if (existsSync(path.join(repository, '.github'))) return 'github';
  return existsSync(path.join(repository, '.gitlab-ci.yml')) ? 'gitlab' : 'none';
}

/** The file of a system, relative to the repository, that runs a spec (relative to it, too); nothing for no system. */
export function ciFile(system: CiSystem, spec: string): { file: string; text: string } | undefined {
  if (system === 'github') return { file: '.github/workflows/robustness.yml', text: github(spec) };
  if (system === 'gitlab') return { file: 'robustness.gitlab-ci.yml', text: gitlab(spec) };
  return undefined;
}

const run = (spec: string, reporters: string) =>
  `npx --no -- @gauntlet/cli run ${spec} --output robustness --reporter ${reporters}`;

const github = (spec: string) => `name: robustness
on: [push, pull_request]

jobs:
  robustness:
    runs-on: ubuntu-latest
    # The install script of onnxruntime-node would fetch CUDA.
    env: { ONNXRUNTIME_NODE_INSTALL: skip }
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22, cache: npm }
      - run: npm ci
      - run: ${run(spec, 'terminal,json,junit,html,pictures,github')}
      - uses: actions/upload-artifact@v4
        if: always()
        with: { name: robustness, path: robustness }
`;

const gitlab = (spec: string) => `# In .gitlab-ci.yml: include: { local: robustness.gitlab-ci.yml }
robustness:
  image: node:22
  variables:
    # The install script of onnxruntime-node would fetch CUDA.
    ONNXRUNTIME_NODE_INSTALL: skip
  script:
    - npm ci
    - ${run(spec, 'terminal,json,junit,html,pictures')}
  artifacts:
    when: always
    paths: [robustness]
    reports: { junit: robustness/junit.xml }
`;
