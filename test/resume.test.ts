import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { builtIn } from '@gauntlet/cli/built-in';
import { loadSpec } from '@gauntlet/core';
import { readReport, repository, start, temporary, writeSpec } from './support/cli.js';

const folder = temporary('resume');
const marker = path.join(folder, 'calls');
const plugin = path.join(folder, 'own.mjs');
const api = path.join(repository, 'packages/api/dist/index.js');
writeFileSync(
  plugin,
  `import { appendFileSync } from 'node:fs';
import { defineAttack } from '${api}';
export default defineAttack({
  name: 'own', version: 1, victim: 'any', reference: 'none: a test', description: 'Does nothing', usesGradients: false,
  params: { type: 'object', additionalProperties: false, properties: {} },
  threat: () => ({ norm: 'linf', epsilon: 0.1 }),
  perturb: async ({ x }) => { appendFileSync('${marker}', 'x'); return { perturbed: x.clone() }; },
});
`,
);
const calls = () => (existsSync(marker) ? readFileSync(marker, 'utf8').length : 0);
const spec = writeSpec(folder, [
  { use: './own.mjs', name: 'own' },
  { use: 'noise', params: { epsilon: 0.1 } },
]);

/** A process of its own, since a process keeps the code that it has once loaded. */
async function attack(output: string, ...args: string[]) {
  const options = ['-j', '0', '--batch-size', '2', '--reporter', 'terminal', '--reporter', 'json'];
  const result = await start(['run', spec, ...options, '--output', output, ...args]).done;
  return { ...result, report: () => readReport(output) };
}
const folders = (output: string) => readdirSync(path.join(output, 'cells')).sort();

it('--resume takes no outcomes of code that has changed since, and the cache files none under the new key', async () => {
  const output = path.join(folder, 'changed');
  const first = (await attack(output)).report();
  expect(calls()).toBe(4);
  const old = folders(output);

  writeFileSync(plugin, readFileSync(plugin, 'utf8').replace('Does nothing', 'Does nothing at all'));
  const { report, stdout } = await attack(output, '--resume');
  expect(calls()).toBe(8);
  expect(stdout).toMatch(/8 outcomes are taken from the journal/);
  expect(stdout).toMatch(
    /8 outcomes of the journal are left aside; .* has changed since: digits\/own \(8\)\./,
  );
  expect(report().execution.reused).toBe(8);
  const [own] = report().cells;
  expect(own.key).not.toBe(first.cells[0].key);
  expect(
    folders(output)
      .filter((name) => !old.includes(name))
      .some((name) => own.key.startsWith(name.slice(-12))),
  ).toBe(true);

  // And once more with nothing changed: lines of both keys are in the journal, each cell takes those of its own.
  const again = await attack(output, '--resume');
  expect(calls()).toBe(8);
  expect(again.report().execution.reused).toBe(16);
});

it('--resume is refused where nothing of the journal can be taken, and the journal stays', async () => {
  const output = path.join(folder, 'refused');
  await attack(output, '--grep', 'own');
  const journal = readFileSync(path.join(output, 'journal.jsonl'), 'utf8');
  writeFileSync(plugin, `${readFileSync(plugin, 'utf8')}// changed\n`);
  const { code, stderr } = await attack(output, '--grep', 'own', '--resume');
  expect(code).toBe(2);
  expect(stderr).toMatch(/belongs to another run; .*\[resume-mismatch\]/);
  expect(readFileSync(path.join(output, 'journal.jsonl'), 'utf8')).toBe(journal);
});

it('two cells of one name are refused when the spec is loaded', async () => {
  const victim = {
    model: path.join(repository, 'packages/zoo/models/digits-cnn/model.json'),
    kind: 'classifier',
    bounds: [0, 1],
  };
  const victims = [
    { ...victim, name: 'a/b' },
    { ...victim, name: 'a' },
  ];
  const params = { epsilon: 0.1 };
  const attacks = [
    { use: 'noise', name: 'c', params },
    { use: 'noise', name: 'b/c', params },
  ];
  const spec = writeSpec(folder, attacks, { victim: undefined, victims }, 'names.robust.json');
  await expect(loadSpec(spec, { builtIn: await builtIn() })).rejects.toThrow(
    'Two cells would be called "a/b/c": victim "a/b" with attack "c", and victim "a" with attack "b/c".',
  );
});
