// Our packages by the names that they are imported by, and the files that those names are built from.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const packages = path.resolve(import.meta.dirname, '../../packages');

/** From `@gauntlet/testing` to `…/packages/testing/src/index.ts`, for all that our packages export. */
export const sources = new Map(
  readdirSync(packages).flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(path.join(packages, folder, 'package.json'), 'utf8'));
    return Object.entries(manifest.exports).flatMap(([subpath, entry]) => {
      const built = /^\.\/dist\/(.*)\.js$/.exec(entry.default);
      const name = path.posix.join(manifest.name, subpath);
      if (!built) return [];
      const source = path.join(packages, folder, `src/${built[1]}`);
      return [[name, ['.ts', '.tsx'].map((end) => source + end).find((file) => existsSync(file))]];
    });
  }),
);
