import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { contractVersion } from '@gauntlet/api';
import { loadPlugin, loadPlugins } from './load-plugin.js';

const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-load-'));
let next = 0;

/** A module with this default export. */
function moduleOf(text: string): string {
  const file = path.join(folder, `plugin-${next++}.mjs`);
  writeFileSync(file, text);
  return pathToFileURL(file).href;
}
const attack = (name: string, contract = contractVersion) =>
  `{ kind: 'attack', name: '${name}', contract: ${contract}, version: 1, params: {}, victim: 'any', usesGradients: false, threat() {}, perturb() {} }`;
const load = (text: string, name?: string) => loadPlugin('attack', { url: moduleOf(text), name });

it('gives the plugin that is meant, alone or by its name', async () => {
  expect(await load(`export default ${attack('one')}`)).toMatchObject({ name: 'one' });
  const two = `export default [${attack('one')}, ${attack('two')}]`;
  expect(await load(two, 'two')).toMatchObject({ name: 'two' });
  await expect(load(two)).rejects.toThrow(/has several plugins \(one, two\)\. Name one after a #\./);
  await expect(load(two, 'twoo')).rejects.toThrow(
    /has no plugin "twoo"\. Did you mean "two"\? It has: one, two\./,
  );
});

it('names what is wrong with a module', async () => {
  await expect(load('throw new Error("not today")')).rejects.toThrow(/cannot be loaded: not today/);
  await expect(load('export default { kind: "attack", name: "x" }')).rejects.toThrow(
    /is no plugin\. Export defineAttack/,
  );
  for (const end of ['mjs', 'ts']) {
    const file = path.join(folder, `without.${end}`);
    writeFileSync(file, `export const a = ${attack('a')};`);
    await expect(loadPlugins(pathToFileURL(file).href)).rejects.toThrow(
      /without\.\w+ has no default export\./,
    );
  }
  await expect(load(`export default ${attack('old', 0)}`)).rejects.toThrow(
    /The attack old of .* was built for version 0 of the plugin contract/,
  );
  const url = moduleOf(`export default ${attack('one')}`);
  await expect(loadPlugin('criterion', { url })).rejects.toThrow(
    /"one" is of kind attack; needed here is one of kind criterion/,
  );
});

it('names all that a description lacks', async () => {
  const bare = `kind: 'attack', contract: ${contractVersion}, perturb() {}`;
  await expect(load(`export default { ${bare} }`)).rejects.toThrow(
    /The attack {2}of .* is not complete: "name" must be a text; "version" must be an integer.*; "params" must be .*; "threat" must be a function.*; "usesGradients" must be true or false; "victim" must be one of classifier, .*, any\./,
  );
  const versioned = attack('mine').replace('version: 1', "version: '1.0'");
  await expect(load(`export default ${versioned}`)).rejects.toThrow(
    /The attack mine of .* is not complete: "version" must be an integer, counted up when the same options give other results\.$/,
  );
});

it('knows no kind that every object has', async () => {
  for (const kind of ['__proto__', 'toString', 'constructor']) {
    // A function under each name that such a kind could be taken to ask for.
    const plugin = `{ kind: '${kind}', [Object.prototype['${kind}']]() {} }`;
    await expect(loadPlugins(`data:text/javascript,export default ${plugin}`)).rejects.toMatchObject({
      code: 'plugin-broken',
    });
  }
});
