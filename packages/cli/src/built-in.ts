import { loadPlugins, type Plugin, type PluginReference } from '@gauntlet/core';

/** Packages whose plugins a spec may call by their short names. */
const modules = ['@gauntlet/attacks-minmax', '@gauntlet/attacks-uae', '@gauntlet/zoo'].map((name) =>
  import.meta.resolve(name),
);

/** Where the packages that come with the command line are found. */
export const packages = import.meta.dirname;

/** The referee's measure of mutual information. */
export const yardstick: PluginReference = {
  url: import.meta.resolve('@gauntlet/mutual-information/yardstick'),
};

export async function builtInPlugins(): Promise<Plugin[]> {
  return (await Promise.all(modules.map(loadPlugins))).flat();
}

export async function builtIn(): Promise<Map<string, PluginReference>> {
  const lists = await Promise.all(
    modules.map(async (url) => (await loadPlugins(url)).map(({ name }) => [name, { url, name }] as const)),
  );
  return new Map(lists.flat());
}
