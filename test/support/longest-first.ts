import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, the longest first: begun last, one of them would keep one core waiting for it. */
const longest = [
  'real-data',
  'engines',
  'vitest',
  'packed-plugins',
  'determinism',
  'trust',
  'http-victim',
  'faults',
  'retraining',
  'reuse',
  'init',
  'cli',
  'docs',
  'many-machines',
  'campaign',
  'minmax',
  'html',
  'endings',
  'minimum-norm',
  'standard',
  'mine-uae',
  'autoencoders',
  'mutual-information',
  'training',
];

const rank = ({ moduleId }: TestSpecification) => {
  const found = longest.indexOf(path.basename(moduleId, '.test.ts'));
  return found < 0 ? longest.length : found;
};

/** Vitest knows what took long from the run before, but on a fresh clone there is none. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
