import { execFile } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect } from 'vitest';
import { pluginKinds } from '@gauntlet/api';
import { checks } from './install/checks.mjs';
import { environment, install, pack } from './install/managers.mjs';
import { readReport, repository, temporary } from './support/cli.js';
import { installs, itInstalling } from './support/needs.js';

const run = promisify(execFile);
const examples = path.join(repository, 'examples/plugins');
const kinds = readdirSync(examples);
const outside = temporary('packed');
const nameOf = (kind: string) => `gauntlet-example-${kind}`;

/** The installed command line, in the folder outside the repository. */
async function gauntlet(...args: string[]) {
  const bin = path.join(outside, 'node_modules/@gauntlet/cli/bin/gauntlet.js');
  return run(process.execPath, [bin, ...args], { cwd: outside, env: { ...process.env, CI: 'true' } });
}

/** Everything packed as npm publishes it, and installed by npm where nothing of the repository is. */
beforeAll(async () => {
  if (!installs) return;
  const packed = path.join(outside, 'packed');
  const tarballs = await pack(packed);
  const shell = process.platform === 'win32';
  const folders = kinds.map((kind) => path.join(examples, kind));
  await run('npm', ['pack', '--silent', '--pack-destination', packed, ...folders], { shell });
  for (const kind of kinds)
    tarballs.set(nameOf(kind), `file:${path.join(packed, `${nameOf(kind)}-1.0.0.tgz`)}`);
  const more = { typescript: '~5.9.0', '@types/node': '^20' };
  await install(outside, 'npm', { tarballs, more });
}, 300_000);

describe('packed and installed outside the repository', () => {
  const project = { folder: outside, env: environment('npm') };
  // The others, other package managers and other versions of Node: npm run install-matrix.
  for (const name of [
    'gauntlet --version is its own',
    'strict tsc, skipLibCheck off',
    'strict tsc, skipLibCheck off, no types of Node',
    'a plugin in a file beside the spec gets all it needs from the contract',
  ] as const)
    itInstalling(name, () => checks[name](project));
});

describe('example plugins, packed and installed outside the repository', () => {
  itInstalling('is there, in under 40 lines that import nothing of ours but the contract', () => {
    expect([...kinds].sort()).toEqual([...pluginKinds].sort());
    for (const kind of kinds) {
      const folder = path.join(outside, 'node_modules', nameOf(kind));
      const [code] = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
      const text = readFileSync(path.join(folder, code), 'utf8');
      expect(text.split('\n').length, code).toBeLessThanOrEqual(40);
      const imported = [...text.matchAll(/from '(@gauntlet[^']*)'/g)].map(([, name]) => name);
      expect(imported, code).toEqual(['@gauntlet/api']);
    }
  });

  itInstalling('works together with the others in a run', async () => {
    const spec = {
      victim: {
        name: 'digits',
        model: '@gauntlet/zoo/models/digits-cnn/model.json',
        kind: 'classifier',
        bounds: [0, 1],
      },
      dataset: { format: 'plugin', use: nameOf('dataset'), params: { count: 12 } },
      estimator: { use: nameOf('estimator'), params: { ridge: 0.05 } },
      metrics: [{ use: nameOf('metric'), params: { atLeast: 1 } }],
      attacks: [
        {
          use: nameOf('attack'),
          params: { epsilon: 0.15 },
          criterion: { use: nameOf('criterion'), params: { groups: [0, 1, 0, 1, 0, 1, 0, 1, 0, 1] } },
          expect: { asr: { min: 0.01 }, 'asr.worstClass': { min: 0.01 } },
        },
      ],
    };
    writeFileSync(path.join(outside, 'all.robust.json'), JSON.stringify(spec));
    const reporters = ['--reporter', 'json', '--reporter', nameOf('reporter')];
    await gauntlet('run', 'all.robust.json', '-j', '2', '--output', 'out', ...reporters);
    expect(readFileSync(path.join(outside, 'out/report.tap'), 'utf8')).toMatch(
      /^TAP version 14\n1..2\nok 1 /,
    );
    const [cell] = readReport(path.join(outside, 'out')).cells;
    expect(cell).toMatchObject({ use: nameOf('attack'), criterion: nameOf('criterion'), verdict: 'pass' });
  });

  itInstalling('an engine works in worker processes, with a victim in code beside its own', async () => {
    copyFileSync(path.join(examples, 'engine/digits.json'), path.join(outside, 'digits.json'));
    const of = { kind: 'classifier', bounds: [0, 1] };
    const engine = nameOf('engine');
    const spec = {
      victims: [
        { name: 'file', model: './digits.json', engine, ...of },
        { name: 'sharp', model: './digits.json', engine: { use: engine, params: { sharpness: 3 } }, ...of },
        { name: 'code', use: nameOf('victim'), engine: `${engine}#logistic:cpu`, ...of },
      ],
      dataset: { format: 'plugin', use: 'digits', take: 12 },
      attacks: [{ use: nameOf('attack'), params: { epsilon: 0.1 }, expect: { cleanAccuracy: { min: 0.5 } } }],
    };
    writeFileSync(path.join(outside, 'engine.robust.json'), JSON.stringify(spec));
    await gauntlet('run', 'engine.robust.json', '-j', '2', '--output', 'on-engine');
    const { verdict, victims, cells } = readReport(path.join(outside, 'on-engine'));
    expect(verdict).toBe('pass');
    expect(victims.map(({ name, engine }) => [name, engine])).toEqual([
      ['file', 'logistic:cpu'],
      ['sharp', 'logistic:cpu'],
      ['code', 'tfjs:wasm'],
    ]);
    expect(new Set(cells.map(({ key }) => key)).size).toBe(3);
  });
});
