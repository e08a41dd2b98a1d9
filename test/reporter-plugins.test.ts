import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { defineReporter } from '@gauntlet/api';
import { builtInModules } from '@gauntlet/cli/built-in';
import { loadPlugin } from '@gauntlet/core';
import builtIn from '@gauntlet/reporters';
import { reporterConformance } from '@gauntlet/testing';
import { gauntlet, inProcess, repository, temporary, writeSpec } from './support/cli.js';

const fgsm = { use: 'fgsm', params: { epsilon: 0.2 } };
const tap = path.join(repository, 'examples/plugins/reporter/tap.mjs');

async function run(...reporters: string[]) {
  const spec = writeSpec(temporary(), [fgsm]);
  const args = reporters.flatMap((reporter) => ['--reporter', reporter]);
  const result = await inProcess(['run', spec, '-j', '0', ...args], { cwd: path.dirname(spec) });
  return { ...result, folder: path.join(path.dirname(spec), 'gauntlet-report/test') };
}

it('makes the folders on the way to a file that the user names', async () => {
  const files = { html: 'pages/one/report.html', sarif: 'scan/report.sarif', ctrf: 'ctrf/report.json' };
  const named = Object.entries(files).map(([name, file]) => `${name}={"file":"${file}"}`);
  const { folder, code, stderr } = await run(...named);
  expect([code, stderr]).toEqual([0, '']);
  for (const file of Object.values(files)) expect(existsSync(path.join(folder, file))).toBe(true);
});

const ownReporter = await loadPlugin('reporter', { url: pathToFileURL(tap).href });

describe('the kit', () => {
  for (const reporter of [...builtIn, ownReporter])
    for (const { name, run } of reporterConformance({ reporter })) it(name, run);

  const params = { type: 'object', additionalProperties: false, properties: {} } as const;
  const careless = (
    name: string,
    write: (folder: string, stdout: { write(text: string): unknown }) => void,
    early = false,
  ) =>
    defineReporter({
      name,
      version: 1,
      description: name,
      params,
      files: () => [{ path: 'said.txt' }],
      open: ({ folder, stdout }) => ({
        onEvent: ({ type }) => (early || type === 'run-done' ? write(folder, stdout) : undefined),
      }),
    });
  for (const [reporter, what] of [
    [
      careless('others', (folder) => writeFileSync(path.join(folder, 'other.txt'), '')),
      'writes only the files it says',
    ],
    [
      careless('beside', (folder) => writeFileSync(path.join(folder, '../beside.txt'), '')),
      'writes only the files it says',
    ],
    [careless('colours', (_, stdout) => stdout.write('\u001b[31m')), 'writes only the files it says'],
    [
      careless('early', (folder) => writeFileSync(path.join(folder, 'said.txt'), ''), true),
      'writes no report before',
    ],
    [
      careless('random', (folder) => writeFileSync(path.join(folder, 'said.txt'), String(Math.random()))),
      'says the same of it again',
    ],
    [
      careless('silent', (folder) => {
        try {
          writeFileSync(path.join(folder, 'said.txt'), '');
        } catch {
          /* Nobody hears of it. */
        }
      }),
      'throws where it cannot write',
    ],
  ] as const) {
    it(`fails a reporter that is careless: ${reporter.name}`, async () => {
      const failed: string[] = [];
      for (const { name, run } of reporterConformance({ reporter }))
        await run().catch(() => failed.push(name));
      expect(failed).toContainEqual(expect.stringContaining(what));
    });
  }
});

describe('a reporter of one’s own', () => {
  it('is named by its path, with options, and the terminal lists what it writes', async () => {
    const { folder, stdout, code } = await run('terminal', `${tap}={"file":"a, b.tap"}`);
    expect(code).toBe(0);
    expect(readFileSync(path.join(folder, 'a, b.tap'), 'utf8')).toMatch(
      /^TAP version 14\n1\.\.1\nok 1 - digits/,
    );
    expect(stdout).toContain(path.join(folder, 'a, b.tap'));
    expect(stdout).not.toContain('report.html');
  });

  it('stands with its options among others, between commas', async () => {
    const { folder, stderr, code } = await run(`json,${tap}={"file":"}, \\"b.tap"},junit`);
    expect([code, stderr]).toEqual([0, '']);
    for (const file of ['report.json', '}, "b.tap', 'junit.xml'])
      expect(existsSync(path.join(folder, file)), file).toBe(true);
  });

  it('gets images and traces when it says that it needs them', async () => {
    const cwd = temporary();
    const file = path.join(cwd, 'looks.mjs');
    writeFileSync(
      file,
      `import { writeFileSync } from 'node:fs';
       import { defineReporter } from '${import.meta.resolve('@gauntlet/api')}';
       export default defineReporter({
         name: 'looks', version: 1, description: 'Sizes of images',
         params: { type: 'object', additionalProperties: false, properties: {} },
         needs: { images: 3, traces: 2 },
         open: ({ folder, images }) => ({
           async onEvent(event) {
             if (event.type !== 'cell-done') return;
             const { shape, indices, perturbed } = await images(event.cell, event.cell.outcomes.map(({ index }) => index));
             const { traces } = event.cell;
             writeFileSync(folder + '/looks.json', JSON.stringify([shape, indices.length, perturbed.length, traces.length]));
           },
         }),
       });`,
    );
    const { folder, code } = await run(file);
    expect(code).toBe(0);
    const [shape, n, size, traces] = JSON.parse(readFileSync(path.join(folder, 'looks.json'), 'utf8')) as [
      number[],
      number,
      number,
      number,
    ];
    expect([n, traces]).toEqual([3, 2]);
    expect(size).toBe(3 * shape[0] * shape[1] * shape[2]);
  });

  it('with wrong options is refused, and the error names the option', async () => {
    for (const [option, message] of [
      [`${tap}={"flie":"x"}`, 'There is no option "flie". Did you mean "file"?'],
      [`${tap}={"file":1}`, '"file" must be a string; found 1.'],
      ['html={"file"}', 'must be a JSON object, like {"key": 1}'],
      ['jnuit', 'There is no plugin "jnuit". Did you mean "junit"?'],
      ['./gone.mjs', 'There is no plugin at'],
      ['@gauntlet/attacks-standard#pgd', '"pgd" is of kind attack; needed here is one of kind reporter'],
    ]) {
      const { code, stderr } = await run(option);
      expect(code).toBe(2);
      expect(stderr).toContain(`--reporter ${option}`);
      expect(stderr).toContain(message);
    }
  });
});

describe('a built-in reporter whose line is deleted', () => {
  const without = pathToFileURL(path.join(import.meta.dirname, 'fixtures/without-junit.mjs')).href;
  const modules = builtInModules.map((url) => (url.includes('reporters') ? without : url));

  it('is gone from runs, help and list', async () => {
    const cwd = temporary();
    const spec = writeSpec(cwd, [fgsm]);
    expect((await inProcess(['run', spec, '-j', '0'], { cwd, modules })).code).toBe(0);
    const folder = path.join(cwd, 'gauntlet-report/test');
    expect(existsSync(path.join(folder, 'report.json'))).toBe(true);
    expect(existsSync(path.join(folder, 'junit.xml'))).toBe(false);
    const named = await inProcess(['run', spec, '--reporter', 'junit'], { cwd, modules });
    expect(named.stderr).toContain('There is no plugin "junit"');
    for (const args of [
      ['run', '--help'],
      ['list', 'reporters'],
    ]) {
      expect((await inProcess(args, { modules })).stdout).not.toContain('junit');
      expect((await gauntlet(...args)).stdout).toContain('junit');
    }
  });
});
