import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { resolvePlugin } from './resolve-plugin.js';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'gauntlet-resolve-')));
const write = (name: string, text: string) => {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return pathToFileURL(file).href;
};
const local = write('project/mine.mjs', '');
const required = write('project/node_modules/plain/index.js', '');
const imported = write('project/node_modules/esm/main.mjs', '');
write('project/node_modules/esm/package.json', '{ "exports": { ".": { "import": "./main.mjs" } } }');
const elsewhere = write('cli/node_modules/of-cli/index.js', '');

const pgd = { url: 'file:///built-in.js', name: 'pgd' };
const places = {
  builtIn: { attack: new Map([['pgd', pgd]]) },
  folder: path.join(folder, 'project'),
  packages: path.join(folder, 'cli'),
};
const resolve = (use: string, kind: 'attack' | 'criterion' = 'attack') => resolvePlugin(kind, use, places);

describe('what a spec names', () => {
  it('is a short name, a path, or a package: beside the spec first, then beside the command line', () => {
    expect(resolve('pgd')).toEqual(pgd);
    expect(resolve('./mine.mjs#two')).toEqual({ url: local, name: 'two' });
    expect(resolve('plain')).toEqual({ url: required, name: undefined });
    expect(resolve('esm#one')).toEqual({ url: imported, name: 'one' });
    expect(resolve('of-cli')).toEqual({ url: elsewhere, name: undefined });
  });

  it('is an error where there is nothing, with what there is', () => {
    expect(() => resolve('./none.mjs')).toThrow(
      `There is no plugin at ${path.join(folder, 'project/none.mjs')}.`,
    );
    expect(() => resolve('pdg')).toThrow(/There is no plugin "pdg"\. Did you mean "pgd"\? Built in: pgd\./);
    // A short name of another kind is none of this one.
    expect(() => resolve('pgd', 'criterion')).toThrow(/There is no plugin "pgd"\. Built in: no criterion\./);
  });
});
