import path from 'node:path';

/** Where a run of a spec writes: `output`, or gauntlet-report beside the spec. Several specs get a folder each. */
export function runFolder(spec: string, output: string | undefined, several = false): string {
  const name = path.basename(spec).replace(/\.robust\.\w+$/, '');
  if (output === undefined) return path.join(path.dirname(spec), 'gauntlet-report', name);
  return several ? path.join(path.resolve(output), name) : path.resolve(output);
}
