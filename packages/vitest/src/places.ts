import path from 'node:path';

/** Folder of the test file, to which paths are relative, and the one that runs of its matchers are kept in. */
export interface Places {
  folder: string;
  home: string;
}

/** A plugin by its path, or by a name, which says the same everywhere. */
export const plugin = (use: string, folder: string) =>
  use.startsWith('.') ? path.resolve(folder, use) : use;
