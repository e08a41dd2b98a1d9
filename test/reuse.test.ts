import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  digitsModel,
  gauntlet,
  readReport,
  repository,
  temporary,
  timeless,
  writeSpec,
} from './support/cli.js';

const attacks = [
  { use: 'pgd', params: { epsilon: 0.05, steps: 5, restarts: 1 } },
  { use: 'noise', params: { epsilon: 0.1 } },
];

describe('a cell that has not changed', () => {
  const folder = temporary('reuse');
  const output = path.join(folder, 'out');
  /** Ids of the cells that a run did not do again. */
  const run = async (rest: object = {}, given: object[] = attacks, ...args: string[]) => {
    const spec = writeSpec(folder, given, rest);
    const { code, stdout, stderr } = await gauntlet('run', spec, '-j', '0', '--output', output, ...args);
    expect(code, stderr).toBeLessThan(2);
    return { stdout, reused: readReport(output).execution.reusedCells };
  };

  it('is not done again, and the report is the same', async () => {
    expect((await run()).reused).toEqual([]);
    const first = readReport(output);
    const { stdout, reused } = await run();
    expect(reused).toEqual(['digits/pgd', 'digits/noise']);
    expect(stdout).toContain('· measured digits/pgd (reused)');
    expect(stdout).toContain(
      'reused: 2 of 2 cells are unchanged since an earlier run (--force does them again)',
    );
    expect(timeless(readReport(output))).toEqual(timeless(first));
    expect(readdirSync(path.join(output, 'pictures'))).toHaveLength(2);
  });

  it('is done again with --force, to the same bytes', async () => {
    const before = readReport(output);
    expect((await run({}, attacks, '--force')).reused).toEqual([]);
    expect(timeless(readReport(output))).toEqual(timeless(before));
  });

  it('may be expected something else of', async () => {
    const expecting = attacks.map((attack) => ({ ...attack, expect: { asr: { max: 0 } } }));
    const { reused, stdout } = await run({}, expecting);
    expect(reused).toHaveLength(2);
    expect(stdout).toContain('✗ fail digits/pgd (reused)');
  });

  it('is another with another parameter, seed, slice, bound or engine', async () => {
    const changed = [{ use: 'pgd', params: { epsilon: 0.06, steps: 5, restarts: 1 } }, attacks[1]];
    expect((await run({}, changed)).reused).toEqual(['digits/noise']);
    expect((await run({ seed: 4 })).reused).toEqual([]);
    expect((await run({ dataset: { format: 'plugin', use: 'digits', take: 7 } })).reused).toEqual([]);
    expect((await run({}, attacks, '--engine', 'tfjs:wasm')).reused).toEqual([]);
    // And what was there before is still there.
    expect((await run()).reused).toHaveLength(2);
  });

  it('is another with other weights', async () => {
    const model = path.join(folder, 'model', 'model.json');
    mkdirSync(path.dirname(model), { recursive: true });
    copyFileSync(digitsModel, model);
    const weights = readFileSync(path.join(path.dirname(digitsModel), 'weights.bin'));
    writeFileSync(path.join(path.dirname(model), 'weights.bin'), weights);
    const victim = { name: 'digits', model, kind: 'classifier', bounds: [0, 1] };
    // The same weights in another place are the same victim.
    expect((await run({ victim })).reused).toHaveLength(2);
    weights.writeFloatLE(weights.readFloatLE(0) + 0.5, 0);
    writeFileSync(path.join(path.dirname(model), 'weights.bin'), weights);
    expect((await run({ victim })).reused).toEqual([]);
  });

  for (const [extension, imported] of [
    ['mjs', './helper.mjs'],
    ['ts', './helper.js'],
  ])
    it(`is another with other code of its attack, imported code included (.${extension})`, async () => {
      const source = readFileSync(path.join(repository, 'examples/plugins/attack/halfway.mjs'), 'utf8');
      const typed = extension === 'ts' ? 'const least: number = parts satisfies number;\nvoid least;\n' : '';
      const own = { use: `./own.${extension}`, params: { epsilon: 0.1 } };
      const project = temporary('anew');
      const write = (where: string, parts: number) =>
        writeFileSync(path.join(where, `helper.${extension}`), `export const parts = ${parts};\n`);
      write(project, 2);
      writeFileSync(
        path.join(project, `own.${extension}`),
        `// There is no such file: import { gone } from './gone.js'\nimport { parts } from '${imported}';\nvoid parts;\n${typed}${source}`,
      );
      /** What the run of a project does not do again. */
      const reusedIn = async (where: string) => {
        const output = path.join(where, 'out');
        const options = ['-j', '0', '--reporter', 'json', '--output', output];
        expect((await gauntlet('run', writeSpec(where, [own]), ...options)).code).toBe(0);
        return readReport(output).execution.reusedCells;
      };
      expect(await reusedIn(project)).toEqual([]);
      expect(await reusedIn(project)).toEqual([`digits/./own.${extension}`]);
      // A process keeps the code that it has once loaded, so the same and the changed code are those of copies.
      const [same, changed] = [1, 2].map(() => {
        const copy = temporary('anew');
        cpSync(project, copy, { recursive: true });
        return copy;
      });
      write(changed, 3);
      expect(await reusedIn(same)).toEqual([`digits/./own.${extension}`]);
      expect(await reusedIn(changed)).toEqual([]);
    });

  it('is done anew by every run where its attack loads what cannot be known before, and the run says so', async () => {
    const source = readFileSync(path.join(repository, 'examples/plugins/attack/halfway.mjs'), 'utf8');
    const [api, tf] = ['@gauntlet/api', '@tensorflow/tfjs-core'].map((name) => import.meta.resolve(name));
    const code = source.replace('@gauntlet/api', api).replace('@tensorflow/tfjs-core', tf);
    writeFileSync(path.join(folder, 'part.mjs'), 'export const parts = 2;');
    writeFileSync(
      path.join(folder, 'loads.mjs'),
      `${code}\nawait import(new URL(['part', 'mjs'].join('.'), import.meta.url).href);`,
    );
    const own = [{ use: './loads.mjs', params: { epsilon: 0.1 } }];
    for (const _ of [1, 2]) {
      const { reused, stdout } = await run({}, own);
      expect(reused).toEqual([]);
      expect(stdout).toMatch(
        /digits\/\.\/loads\.mjs: done anew by every run, .*loads\.mjs:\d+: await import/,
      );
    }
    const resumed = await run({}, own, '--resume');
    expect(resumed.reused).toEqual([]);
  });

  it('is done again where what a reporter asks for is missing, or its record is damaged', async () => {
    rmSync(output, { recursive: true });
    await run({}, attacks, '--reporter', 'json');
    expect((await run({}, attacks, '--reporter', 'json')).reused).toHaveLength(2);
    expect((await run()).reused).toEqual([]);
    const [cell] = readdirSync(path.join(output, 'cells'));
    writeFileSync(path.join(output, 'cells', cell, 'outcomes.jsonl'), '{"had": ');
    expect((await run()).reused).toHaveLength(1);
    expect((await run()).reused).toHaveLength(2);
  });

  it('is not kept while any of it is unassessed', async () => {
    const plugins = path.join(repository, 'test/fixtures/plugins.mjs');
    const failing = [{ use: `${plugins}#throws` }];
    const spec = writeSpec(folder, failing);
    for (const _ of [1, 2]) {
      const { code } = await gauntlet('run', spec, '-j', '0', '--output', output);
      expect([code, readReport(output).execution.reusedCells]).toEqual([3, []]);
    }
  });
});
