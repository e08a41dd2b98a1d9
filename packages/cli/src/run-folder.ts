import path from 'node:path';
import { specName } from '@gauntlet/core';

/** Where a run of a spec writes: `output`, or gauntlet-report beside the spec. Several specs get a folder each. */
export function runFolder(spec: string, output: string | undefined, several = false): string {
  const name = specName(spec);
  if (output === undefined) return path.join(path.dirname(spec), 'gauntlet-report', name);
  return several ? path.join(path.resolve(output), name) : path.resolve(output);
}

/** For each spec a folder that no other one has: those that would share one get theirs by the whole path of the spec. */
export function runFolders(specs: readonly string[], output: string | undefined, cwd: string): string[] {
  const short = specs.map((spec) => runFolder(spec, output, specs.length > 1));
  return specs.map((spec, i) => {
    if (short.indexOf(short[i]) === short.lastIndexOf(short[i])) return short[i];
    const name = path.relative(cwd, spec).replaceAll('..', '-');
    return output === undefined
      ? path.join(path.dirname(short[i]), path.basename(spec))
      : path.join(output, name);
  });
}
