import { expect, it } from 'vitest';
import * as core from '@gauntlet/core';
import { pgd } from '@gauntlet/attacks-standard';
import { builtIn, builtInPlugins } from '@gauntlet/cli/built-in';
import { sources } from './support/sources.mjs';

it('tests run on the sources of our packages, and on one copy of each', async () => {
  expect(sources.get('@gauntlet/core')).toMatch(/packages\/core\/src\/index\.ts$/);
  expect(import.meta.resolve('@gauntlet/core')).toBe(`file://${sources.get('@gauntlet/core')}`);
  expect(await import(import.meta.resolve('@gauntlet/core'))).toBe(core);
  // Plugins are loaded from the address that a worker would be sent.
  const references = Object.values(await builtIn()).flatMap((names) => [...names.values()]);
  for (const { url } of references) expect(url).toMatch(/packages\/[^/]+\/src\/.+\.ts$/);
  expect((await builtInPlugins()).find(({ name }) => name === 'pgd')).toBe(pgd);
});
