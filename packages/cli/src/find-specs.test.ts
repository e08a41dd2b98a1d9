import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { findSpecs } from './find-specs.js';

const cwd = mkdtempSync(path.join(tmpdir(), 'gauntlet-find-'));
for (const file of [
  'b.robust.yaml',
  'a/x.robust.ts',
  'a/y.robust.mjs',
  'a/[odd] (name)/z.robust.json',
  '.hidden/h.robust.yml',
  'a/none.yaml',
  'node_modules/p/n.robust.yaml',
  'a/dist/d.robust.yaml',
  '.git/g.robust.yaml',
]) {
  mkdirSync(path.join(cwd, path.dirname(file)), { recursive: true });
  writeFileSync(path.join(cwd, file), '');
}
symlinkSync(cwd, path.join(cwd, 'a/round'));

it('finds specs below a folder, in order, and looks neither into packages and builds nor through links', () => {
  const all = [
    '.hidden/h.robust.yml',
    'a/[odd] (name)/z.robust.json',
    'a/x.robust.ts',
    'a/y.robust.mjs',
    'b.robust.yaml',
  ];
  expect(findSpecs([], cwd)).toEqual(all);
  expect(findSpecs(['a/[odd] (name)', 'b.robust.yaml'], cwd)).toEqual([all[1], all[4]]);
});

it('takes a file as it is named, and says what is not there', () => {
  expect(findSpecs(['a/none.yaml'], cwd)).toEqual(['a/none.yaml']);
  expect(() => findSpecs(['nowhere'], cwd)).toThrow('There is no spec nowhere.');
});
