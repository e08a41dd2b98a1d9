import path from 'node:path';
import { specName } from './parse-spec-file.js';

/**
 * What the victims of a spec without a name are called. One alone is called after its spec: a model that comes in another
 * file the next time still meets its baseline. Several are told apart by their files.
 */
export const victimNames =
  (spec: string, several: boolean) =>
  (model: string): string =>
    several ? modelName(model) : specName(spec);

/** What people call a model: its folder for a model.json, else its file. */
export function modelName(model: string): string {
  const stem = path.basename(model).replace(/\.json$/, '');
  const folder = path.basename(path.dirname(model));
  return stem === 'model' && !/^\.*$/.test(folder) ? folder : stem;
}
