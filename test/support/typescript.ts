import { pathToFileURL } from 'node:url';

/**
 * Stands in for the package `jiti` in tests: plugins and specs in TypeScript are loaded by vitest like all other sources.
 * Jiti would load a second copy of each of our packages that they import.
 */
export const createJiti = () => ({
  import: (file: string): Promise<unknown> => import(pathToFileURL(file).href),
});
