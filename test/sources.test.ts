import { expect, it } from 'vitest';
import * as core from '@gauntlet/core';
import { pgd } from '@gauntlet/attacks-minmax';
import { builtIn, builtInPlugins, yardstick } from '../packages/cli/src/built-in.js';
import { sources } from './support/sources.mjs';

it('tests run on the sources of our packages, and on one copy of each', async () => {
  expect(sources.get('@gauntlet/core')).toMatch(/packages\/core\/src\/index\.ts$/);
  expect(import.meta.resolve('@gauntlet/core')).toBe(`file://${sources.get('@gauntlet/core')}`);
  expect(await import(import.meta.resolve('@gauntlet/core'))).toBe(core);
  // Plugins are loaded from the address that a worker would be sent.
  for (const { url } of [...(await builtIn()).values(), yardstick]) expect(url).toMatch(/\/src\/[^/]+\.ts$/);
  expect((await builtInPlugins()).find(({ name }) => name === 'pgd')).toBe(pgd);
});
