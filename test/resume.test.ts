import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { builtIn } from '@gauntlet/cli/built-in';
import { loadSpec } from '@gauntlet/core';
import { gauntlet, readReport, repository, temporary, writeSpec } from './support/cli.js';

const marker = path.join(temporary('marker'), 'calls');
const calls = () => (existsSync(marker) ? readFileSync(marker, 'utf8').length : 0);
const code = `import { appendFileSync } from 'node:fs';
import { defineAttack } from '@gauntlet/api';
export default defineAttack({
  name: 'own', version: 1, victim: 'any', reference: 'none: a test', description: 'Does nothing', usesGradients: false,
  params: { type: 'object', additionalProperties: false, properties: {} },
  threat: () => ({ norm: 'linf', epsilon: 0.1 }),
  perturb: async ({ x }) => { appendFileSync('${marker}', 'x'); return { perturbed: x.clone() }; },
});
`;

/** A project with an attack of its own, or the copy of one. */
class Project {
  readonly #folder = temporary('resume');
  readonly output = path.join(this.#folder, 'out');
  readonly #plugin = path.join(this.#folder, 'own.mjs');
  readonly #spec = path.join(this.#folder, 'test.robust.json');

  constructor(original?: Project) {
    if (original) {
      cpSync(original.#folder, this.#folder, { recursive: true });
      return;
    }
    writeFileSync(this.#plugin, code);
    writeSpec(this.#folder, [
      { use: './own.mjs', name: 'own' },
      { use: 'noise', params: { epsilon: 0.1 } },
    ]);
  }

  /** With other code: in another folder, since a process keeps the code that it has once loaded from one. */
  changed(code: string): Project {
    const copy = new Project(this);
    writeFileSync(copy.#plugin, code);
    return copy;
  }

  async attack(...args: string[]) {
    const options = ['-j', '0', '--batch-size', '2', '--reporter', 'terminal', '--reporter', 'json'];
    const result = await gauntlet('run', this.#spec, ...options, '--output', this.output, ...args);
    return { ...result, report: () => readReport(this.output) };
  }
}

const folders = (output: string) => readdirSync(path.join(output, 'cells')).sort();

it('--resume takes no outcomes of code that has changed since, and the cache files none under the new key', async () => {
  const before = new Project();
  const first = (await before.attack()).report();
  expect(calls()).toBe(4);
  const old = folders(before.output);

  const project = before.changed(code.replace('Does nothing', 'Does nothing at all'));
  const { report, stdout } = await project.attack('--resume');
  expect(calls()).toBe(8);
  expect(stdout).toMatch(/8 outcomes are taken from the journal/);
  expect(stdout).toMatch(
    /8 outcomes of the journal are left aside; .* has changed since: digits\/own \(8\)\./,
  );
  expect(report().execution.reused).toBe(8);
  const [own] = report().cells;
  expect(own.key).not.toBe(first.cells[0].key);
  expect(
    folders(project.output)
      .filter((name) => !old.includes(name))
      .some((name) => own.key.startsWith(name.slice(-12))),
  ).toBe(true);

  // And once more with nothing changed: lines of both keys are in the journal, each cell takes those of its own.
  const again = await project.attack('--resume');
  expect(calls()).toBe(8);
  expect(again.report().execution.reused).toBe(16);
});

it('--resume is refused where nothing of the journal can be taken, and the journal stays', async () => {
  const before = new Project();
  await before.attack('--grep', 'own');
  const project = before.changed(`${code}// changed\n`);
  const journal = readFileSync(path.join(project.output, 'journal.jsonl'), 'utf8');
  const refused = await project.attack('--grep', 'own', '--resume');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/belongs to another run; .*\[resume-mismatch\]/);
  expect(readFileSync(path.join(project.output, 'journal.jsonl'), 'utf8')).toBe(journal);
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
  const spec = writeSpec(temporary('names'), attacks, { victim: undefined, victims });
  await expect(loadSpec(spec, { builtIn: await builtIn() })).rejects.toThrow(
    'Two cells would be called "a/b/c": victim "a/b" with attack "c", and victim "a" with attack "b/c".',
  );
});
