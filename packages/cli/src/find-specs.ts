import { statSync } from 'node:fs';
import path from 'node:path';
import { GauntletError } from '@gauntlet/api';
import { globSync } from 'tinyglobby';

const pattern = '**/*.robust.{yaml,yml,json,js,mjs,cjs,ts,mts,cts}';
/** Not even looked into: a search that only left them out afterwards would take minutes in a large repository. */
const ignore = ['**/node_modules/**', '**/dist/**', '**/.git/**'];

/** Files as they are, relative to `cwd`; folders (`cwd` itself by default) searched for `*.robust.*`. */
export function findSpecs(given: readonly string[], cwd: string): string[] {
  const places = given.length > 0 ? given : ['.'];
  return places.flatMap((place) => {
    const folder = path.resolve(cwd, place);
    const found = statSync(folder, { throwIfNoEntry: false });
    if (!found) throw new GauntletError('spec-missing', `There is no spec ${place}.`);
    if (found.isFile()) return [place];
    const specs = globSync(pattern, { cwd: folder, ignore, dot: true, followSymbolicLinks: false })
      .map((file) => path.join(place, file))
      .sort();
    if (specs.length === 0) {
      throw new GauntletError(
        'spec-missing',
        `There is no *.robust.yaml, .json or .ts file in ${folder}. gauntlet init writes one.`,
      );
    }
    return specs;
  });
}
