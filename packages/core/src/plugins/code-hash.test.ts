import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { codeHash } from './code-hash.js';

/** Writes files into a new folder; gives the hash of `main.mjs` in it. */
function hashOf(files: Record<string, string>): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'gauntlet-hash-')));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return codeHash(pathToFileURL(path.join(folder, 'main.mjs')).href);
}

const files = {
  'main.mjs': "import { a } from './a.js';\nimport './loop.mjs';\nimport 'some-package';\nimport 'node:fs';",
  'a.ts': 'export const a = 1;',
  'loop.mjs': "await import('./main.mjs');",
  'node_modules/some-package/index.js': 'module.exports = 1;',
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
  // Installed packages go by their version.
  expect(hashOf({ ...files, 'node_modules/some-package/index.js': 'module.exports = 2;' })).toBe(hash);
});
