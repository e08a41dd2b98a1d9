import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { GauntletError } from '@gauntlet/api';

const pattern = /\.robust\.(ya?ml|json|[cm]?[jt]s)$/;

/** Files as they are, relative to `cwd`; folders (`cwd` itself by default) searched for `*.robust.*`. */
export function findSpecs(given: readonly string[], cwd: string): string[] {
  const places = given.length > 0 ? given : ['.'];
  return places.flatMap((place) => {
    const found = statSync(path.resolve(cwd, place), { throwIfNoEntry: false });
    if (!found) throw new GauntletError('spec-missing', `There is no spec ${place}.`);
    if (found.isFile()) return [place];
    const specs = readdirSync(path.resolve(cwd, place), { recursive: true, encoding: 'utf8' })
      .filter(
        (file) =>
          pattern.test(file) &&
          !file.split(path.sep).some((part) => part === 'node_modules' || part === 'dist'),
      )
      .map((file) => path.join(place, file))
      .sort();
    if (specs.length === 0) {
      throw new GauntletError(
        'spec-missing',
        `There is no *.robust.yaml, .json or .ts file in ${path.resolve(cwd, place)}. gauntlet init writes one.`,
      );
    }
    return specs;
  });
}
