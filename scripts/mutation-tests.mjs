// Which tests mutation testing runs: those beside the sources, and those of other folders that are about them and take a second at most.
import path from 'node:path';

/** Further tests of all that is below a path; the first that fits. */
const further = [];

/** Folders and files of tests for a folder or file of sources. */
export const testsOf = (sources) => {
  const folder = sources.endsWith('.ts') ? path.posix.dirname(sources) : sources;
  return [folder, ...(further.find(([below]) => sources.startsWith(below))?.[1] ?? [])];
};
