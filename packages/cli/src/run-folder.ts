import path from 'node:path';
import { specName } from '@gauntlet/core';

/** Where a run of a spec writes: `output`, or gauntlet-report beside the spec. Several specs get a folder each. */
export function runFolder(spec: string, output: string | undefined, several = false): string {
  const name = specName(spec);
  if (output === undefined) return path.join(path.dirname(spec), 'gauntlet-report', name);
  return several ? path.join(path.resolve(output), name) : path.resolve(output);
}
