import type { Plugin } from '@gauntlet/api';
import { type BuiltIn, builtInEngines, builtInOf, loadPlugins } from '@gauntlet/core';

/** Packages whose plugins a spec may call by their short names. */
export const builtInModules: readonly string[] = [
  '@gauntlet/core/metrics',
  '@gauntlet/attacks-standard',
  '@gauntlet/attacks-corruptions',
  '@gauntlet/attacks-minmax',
  '@gauntlet/attacks-uae',
  '@gauntlet/core/criteria',
  '@gauntlet/mutual-information',
  '@gauntlet/zoo/digits',
  '@gauntlet/core/http-victim',
  '@gauntlet/reporters',
].map((name) => import.meta.resolve(name));

/** Where the packages that come with the command line are found. */
export const packages = import.meta.dirname;

export async function builtInPlugins(modules = builtInModules): Promise<Plugin[]> {
  return [...(await Promise.all(modules.map(loadPlugins))).flat(), ...builtInEngines];
}

export const builtIn = (modules = builtInModules): Promise<BuiltIn> => builtInOf(modules);
