import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { codeHash } from './code-hash.js';

/** Writes files into a new folder; gives the hash of `main.mjs` in it, and what it cannot know. */
function codeOf(files: Record<string, string>) {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'gauntlet-hash-')));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const { hash, unseen } = codeHash(pathToFileURL(path.join(folder, 'main.mjs')).href);
  const inFolder = Object.entries(unseen as Record<string, string>).map(([what, place]) => [
    what,
    place.replace(`${folder}/`, ''),
  ]);
  return { hash, unseen: Object.fromEntries(inFolder) as Record<string, string> };
}
const hashOf = (files: Record<string, string>) => codeOf(files).hash;

const files = {
  'main.mjs': "import { a } from './a.js';\nimport './loop.mjs';\nimport 'some-package';\nimport 'node:fs';",
  'a.ts': 'export const a = 1;',
  'loop.mjs': "await import('./main.mjs');",
  'node_modules/some-package/index.js': 'module.exports = 1;',
  'node_modules/some-package/package.json': '{ "name": "some-package", "version": "1.0.0" }',
  'other.mjs': '1;',
};

it('depends on the module and on what it imports, wherever they lie, and on nothing else', () => {
  const hash = hashOf(files);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(hashOf(files)).toBe(hash);
  expect(hashOf({ ...files, 'other.mjs': '2;' })).toBe(hash);
  // Imported as .js, written in TypeScript.
  expect(hashOf({ ...files, 'a.ts': 'export const a = 2;' })).not.toBe(hash);
  expect(hashOf({ ...files, 'loop.mjs': `${files['loop.mjs']} 1;` })).not.toBe(hash);
  // Other packages that are installed go by their version.
  expect(hashOf({ ...files, 'node_modules/some-package/index.js': 'module.exports = 2;' })).toBe(hash);
});

it('depends on the version of an installed package, and on what is required or read as JSON', () => {
  const installed = {
    'main.mjs': `import 'some-package';
import weights from './weights.json' with { type: 'json' };
const { b } = require('./b.cjs');
const table = readFileSync(new URL('./table.bin', import.meta.url));`,
    'node_modules/some-package/package.json': '{ "name": "some-package", "version": "1.0.0" }',
    'node_modules/some-package/index.js': '',
    'weights.json': '[1]',
    'b.cjs': "exports.b = require('./c.json').b;",
    'c.json': '{ "b": 1 }',
    'table.bin': 'abc',
  };
  const hash = hashOf(installed);
  for (const [name, text] of [
    ['node_modules/some-package/package.json', '{ "name": "some-package", "version": "1.0.1" }'],
    ['weights.json', '[2]'],
    ['b.cjs', 'exports.b = 1;'],
    ['c.json', '{ "b": 2 }'],
    ['table.bin', 'abd'],
  ])
    expect(hashOf({ ...installed, [name]: text }), name).not.toBe(hash);
  expect(hashOf(installed)).toBe(hash);
});

it('of an installed plugin depends on its own files', () => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'gauntlet-hash-')));
  const home = path.join(folder, 'node_modules/mine');
  mkdirSync(home, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(path.join(home, name), text);
  write('package.json', '{ "name": "mine", "version": "1.0.0" }');
  write('index.js', "export { a } from './a.js';");
  write('a.js', 'export const a = 1;');
  const of = () => codeHash(pathToFileURL(path.join(home, 'index.js')).href).hash;
  const before = of();
  write('a.js', 'export const a = 2;');
  expect(of()).not.toBe(before);
});

it('says where code takes in what cannot be known before it runs', () => {
  const unseenIn = (text: string) => codeOf({ 'main.mjs': "import './a.mjs';", 'a.mjs': text }).unseen;
  for (const text of [
    'await import(name);',
    "await import('./part-' + n + '.mjs');",
    'await import(`./part-${n}.mjs`);',
    'const x = require(name);',
    "import { createRequire } from 'node:module';",
  ])
    expect(unseenIn(`1;\n${text}`)).toEqual({ loads: `a.mjs:2: ${text}` });
  for (const text of [
    "import { readFileSync } from 'node:fs'; readFileSync(file);",
    "import fs from 'fs'; fs.readFileSync(new URL(name, import.meta.url));",
    "import { execFile } from 'node:child_process'; execFile('date');",
    'await fetch(url);',
  ])
    expect(unseenIn(text)).toEqual({ reads: `a.mjs:1: ${text}` });
  for (const text of [
    "await import('./b.mjs'); require('node:os');",
    "import { readFileSync } from 'node:fs'; readFileSync(new URL('./t.bin', import.meta.url));",
    "import { appendFileSync } from 'node:fs'; appendFileSync(log, '');",
    'import * as tf from "@tensorflow/tfjs-core"; export default {};',
  ])
    expect(unseenIn(text), text).toEqual({});
});
