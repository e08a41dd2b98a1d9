// The packages of the workspace and what each of them exports, read from their manifests: nobody keeps a list.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');

/** Every package below packages/, with its folder and its manifest. */
export const packages = readdirSync(path.join(root, 'packages'))
  .map((name) => path.join(root, 'packages', name))
  .filter((folder) => existsSync(path.join(folder, 'package.json')))
  .map((folder) => ({
    folder,
    manifest: JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')),
  }));

/** Every module that somebody can import, with its source: `@gauntlet/core/testing` → …/core/src/testing/index.ts. */
export const entries = packages.flatMap(({ folder, manifest }) =>
  Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
    const source = sourceOf(folder, target.types);
    return source ? [{ name: path.posix.join(manifest.name, subpath), source }] : [];
  }),
);

/** The TypeScript file that a declaration file was made from. */
function sourceOf(folder, types) {
  const stem = types?.replace(/^\.\/dist\//, 'src/').replace(/\.d\.ts$/, '');
  return stem && [`${stem}.ts`, `${stem}.tsx`].map((file) => path.join(folder, file)).find(existsSync);
}
