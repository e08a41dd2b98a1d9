import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMap, isNode, isPair, isScalar, LineCounter, type Document, type Range } from 'yaml';
import { GauntletError, type Place, reasonOf } from '@gauntlet/api';
import { importModule } from '../plugins/load-plugin.js';
import { parseYaml } from './yaml-value.js';

export interface ParsedFile {
  value: unknown;
  /** The place of a value (or of the key itself) in the file. */
  placeOf(path: readonly (string | number)[], key?: string): Place;
}

/** What people call a spec: its file without folder and extensions. */
export const specName = (file: string): string => path.basename(file).replace(/\.robust\.\w+$/, '');

/** Reads `*.yaml`, `*.yml`, `*.json` (which is YAML too) and `*.ts`, `*.js`, `*.mjs` (their default export). */
export async function parseSpecFile(file: string): Promise<ParsedFile> {
  if (/\.[cm]?[jt]s$/.test(file)) return importSpec(file);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new GauntletError('spec-missing', `The spec ${file} cannot be read (${reasonOf(error)}).`);
  }
  const lines = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const { document, value } = parseYaml(text, lines, at);
  return {
    value,
    placeOf: (where, key) => at(offsetOf(document, where, key)),
  };
}

async function importSpec(file: string): Promise<ParsedFile> {
  const place = { file };
  try {
    const { default: value } = await importModule(pathToFileURL(path.resolve(file)).href);
    if (value === undefined)
      throw new GauntletError(
        'spec-syntax',
        'The spec has no default export. Write: export default defineSpec({ … })',
        { place },
      );
    return { value: structuredClone(value), placeOf: () => place };
  } catch (error) {
    if (error instanceof GauntletError) throw error;
    throw new GauntletError('spec-syntax', `The spec cannot be loaded: ${reasonOf(error)}`, {
      place,
      cause: error,
    });
  }
}

/** Offset of the value at a path; of the nearest ancestor that exists if it does not. */
function offsetOf(document: Document, where: readonly (string | number)[], key?: string): number {
  for (let depth = where.length; depth >= 0; depth--) {
    const node = depth === 0 ? document.contents : document.getIn(where.slice(0, depth), true);
    if (!isNode(node)) continue;
    if (key !== undefined && isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key);
      if (pair && isScalar(pair.key)) return (pair.key.range as Range)[0];
    }
    return (node.range as Range | undefined)?.[0] ?? 0;
  }
  return 0;
}
