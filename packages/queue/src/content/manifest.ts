import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GauntletError } from '@gauntlet/api';
import { externalFiles } from '@gauntlet/onnx-gradient';

export interface FileEntry {
  /** Relative to the root, with slashes. */
  path: string;
  size: number;
  sha256: string;
}

/** A file or a folder that a task names, with all that belongs to it. */
export interface FileManifest {
  kind: 'files';
  /** Folder that holds them where they were described: other machines may have the same path. */
  root: string;
  /** What the task names, relative to the root. */
  entry: string;
  files: FileEntry[];
}

/** Code of a plugin. */
export interface CodeManifest {
  kind: 'code';
  /** sha256 as of `codeHash`. */
  code: string;
  /** Of a plugin in an installed package. */
  installed?: { name: string; version: string; path: string };
  /** Of any other. */
  files?: FileManifest;
}

export type Manifest = FileManifest | CodeManifest;

export const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');

/** sha256 of a file, read a piece at a time. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** What a path of a spec stands for: a folder with all in it, a model with its weights, or one file. */
export async function describePath(given: string): Promise<FileManifest> {
  const found = await stat(given);
  if (found.isDirectory()) return describeFiles(given, '.', await filesBelow(given));
  const root = path.dirname(given);
  const entry = path.basename(given);
  return describeFiles(root, entry, [entry, ...(await filesBeside(given))]);
}

export async function describeFiles(
  root: string,
  entry: string,
  names: readonly string[],
): Promise<FileManifest> {
  const files: FileEntry[] = [];
  for (const name of [...new Set(names)].sort()) {
    const file = path.join(root, name);
    const { size } = await stat(file);
    files.push({ path: name.split(path.sep).join('/'), size, sha256: await hashFile(file) });
  }
  return { kind: 'files', root, entry, files };
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)));
}

/** The weights that a model keeps in files of their own. */
async function filesBeside(file: string): Promise<string[]> {
  const within = path.extname(file) === '.json' ? await tfjsWeights(file) : [];
  const names = path.extname(file) === '.onnx' ? externalFiles(file) : within;
  const outside = names.find((name) => !isInside(name));
  if (outside !== undefined)
    throw new GauntletError('model-path', `${file} names weights outside its own folder: "${outside}".`);
  return names;
}

async function tfjsWeights(file: string): Promise<string[]> {
  const { weightsManifest = [] } = JSON.parse(await readFile(file, 'utf8')) as {
    weightsManifest?: { paths: string[] }[];
  };
  return weightsManifest.flatMap(({ paths }) => paths);
}

/** A relative path that does not lead out of where it begins. */
export const isInside = (name: string): boolean =>
  name !== '' &&
  !path.isAbsolute(name) &&
  !path.win32.isAbsolute(name) &&
  !name.includes('\0') &&
  !name.split(/[/\\]/).includes('..');
