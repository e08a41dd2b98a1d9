import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { classifier, digits, pgd } from '@gauntlet/vitest';
import { digitsModel, inProcess, readReport, repository, temporary } from './support/cli.js';
import { startModelServer } from './support/model-server.js';

interface Results {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    name: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

/** A copy of an example in a folder of its own, from which packages are found as from the original. */
function copy(example: string): string {
  const folder = path.join(temporary('vitest'), example);
  const ignored = /gauntlet-report|vitest-attachments|node_modules$/;
  cpSync(path.join(repository, 'examples', example), folder, {
    recursive: true,
    filter: (from) => !ignored.test(from),
  });
  symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

/**
 * Where our packages are installed, vitest leaves them as they are; here they are found beside `node_modules`, and vitest
 * would transform them at every start.
 */
function asInstalled(folder: string): string {
  const file = path.join(folder, 'as-installed.config.ts');
  const own = existsSync(path.join(folder, 'vitest.config.ts'));
  writeFileSync(
    file,
    `import { mergeConfig } from 'vitest/config';
${own ? "import own from './vitest.config.js';" : 'const own = {};'}
export default mergeConfig(own, { test: { server: { deps: { external: [/\\/packages\\/[^/]+\\/dist\\//] } } } });
`,
  );
  return file;
}

/** Runs vitest in a folder as a user does. */
async function vitest(
  folder: string,
  ...args: string[]
): Promise<{ code: number | null; text: string; results: Results }> {
  const file = path.join(folder, 'results.json');
  rmSync(file, { force: true });
  const cli = path.join(repository, 'node_modules/vitest/vitest.mjs');
  const reporters = [
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    '--reporter=junit',
    `--outputFile.junit=${folder}/junit.xml`,
  ];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
  const child = spawn(
    process.execPath,
    [cli, 'run', '--no-isolate', '--maxWorkers=1', '--config', asInstalled(folder), ...reporters, ...args],
    {
      cwd: folder,
      env: { ...env, NO_COLOR: '1', CI: 'true' },
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => (text += part.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, text, results: JSON.parse(readFileSync(file, 'utf8')) as Results };
}

const names = ({ testResults }: Results, status: string) =>
  testResults
    .flatMap(({ assertionResults }) =>
      assertionResults.filter((one) => one.status === status).map(({ fullName }) => fullName),
    )
    .sort();

/** Ids of the cells that the latest runs in and below a folder did not do again. */
const reused = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    // Not through the link to the packages, which leads to tens of thousands of folders.
    .flatMap((entry) => {
      if (entry.isDirectory()) return reused(path.join(folder, entry.name));
      return entry.name === 'report.json' ? readReport(folder).execution.reusedCells : [];
    })
    .sort();

it('types attacks, victims and limits', () => {
  const wrong = () => {
    // @ts-expect-error -- no such parameter
    pgd({ epsilom: 0.1 });
    // @ts-expect-error -- epsilon is needed
    pgd({ steps: 3 });
    // @ts-expect-error -- a victim has bounds
    classifier('./model.json', {});
    // @ts-expect-error -- no such metric
    void expect(0).toWithstand(pgd({ epsilon: 0.1 }), { on: digits(), asrr: { max: 0 } });
    // @ts-expect-error -- samples are needed
    void expect(0).toHaveAttackSuccessRate(pgd({ epsilon: 0.1 }), { max: 0 });
  };
  expect(typeof wrong).toBe('function');
});

describe('examples/vitest', () => {
  const folder = copy('vitest');

  it('passes: matchers, models in memory, and specs in YAML, JSON and TypeScript', async () => {
    const { code, results } = await vitest(folder);
    expect(results.testResults.map(({ message }) => message).join('')).toBe('');
    expect([code, results.numPassedTests, results.numFailedTests]).toEqual([0, 9, 0]);
    expect(names(results, 'passed')).toEqual(
      expect.arrayContaining([
        'digits-conv-ae l2-uae',
        'digits-cnn fgsm',
        'digits-cnn noise',
        'the digit classifier withstands noise',
      ]),
    );
    // Two matchers of one file ask about the same attack on the same samples: it is done once.
    expect(reused(folder)).toEqual(['digits-cnn/minmax']);
  });

  it('filters with -t, and does not attack again what has not changed', async () => {
    const { code, results } = await vitest(
      folder,
      ...['-t', 'gaussian|withstands noise', 'digits.test.ts', 'autoencoder.robust.yaml'],
    );
    expect(code).toBe(0);
    expect(names(results, 'passed')).toEqual([
      'digits-conv-ae gaussian',
      'the digit classifier withstands noise',
    ]);
    expect(reused(folder)).toEqual(['digits-cnn/minmax', 'digits-cnn/noise', 'digits-conv-ae/gaussian']);
  });
});

describe('examples/vitest-failing', () => {
  const folder = copy('vitest-failing');
  let text: string;
  let failures: string[];
  beforeAll(async () => {
    const run = await vitest(folder);
    expect([run.code, run.results.numFailedTests]).toEqual([1, 2]);
    text = run.text;
    failures = run.results.testResults.flatMap(({ assertionResults }) =>
      assertionResults.flatMap(({ failureMessages }) => failureMessages),
    );
  });

  it('says what was measured, the limit, the interval, n, and how to look closer', () => {
    const about = (start: string) => failures.find((message) => message.includes(start))!;
    const [matcher, soft] = [about('expected digits-cnn to withstand pgd'), about('Error: asr is')];
    for (const message of [matcher, soft]) {
      expect(message).toMatch(/asr is 0\.\d+ \[0\.\d+, 0\.\d+\] over 20 samples; expected at most 0\.05/);
      expect(message).toMatch(
        /worst samples: \d+(, \d+)*\nreplay: gauntlet replay \S+ digits-cnn\/pgd \d+\nreport: \S+report\.html/,
      );
    }
    expect(matcher).toContain('too-strict.test.ts:9:3');
    // The other expectations of the cell are judged all the same.
    expect(about('robustAccuracy is')).toMatch(/robustAccuracy is 0\.\d+ .* expected at least 0\.9/);
    expect(text).not.toContain('cleanAccuracy is');
  });

  it('gives a replay command that works', async () => {
    const commands = text.match(/(?<=replay: gauntlet )replay \S+ \S+ \d+/g)!;
    expect(new Set(commands).size).toBe(2);
    for (const command of new Set(commands)) {
      const { code, stdout } = await inProcess(command.split(' '), { cwd: folder });
      expect([code, stdout]).toEqual([0, expect.stringContaining('broken')]);
    }
  });

  it('attaches the pictures', () => {
    const attachments = readdirSync(path.join(folder, '.vitest-attachments'));
    expect(attachments.filter((file) => file.endsWith('.png'))).toHaveLength(2);
    expect(readFileSync(path.join(folder, 'junit.xml'), 'utf8')).toContain(
      'digits-cnn/pgd: original, perturbed, difference',
    );
  });
});

describe('models behind an address, in code, and that cannot be judged', () => {
  const folder = path.join(temporary('vitest'), 'wrong');
  const plugins = path.join(repository, 'test/fixtures/plugins.mjs');
  let run: Awaited<ReturnType<typeof vitest>>;

  beforeAll(async () => {
    const server = await startModelServer(digitsModel);
    const url = server.address;
    mkdirSync(folder, { recursive: true });
    symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
    for (const [from, to] of [
      ['examples/vitest/vitest.config.ts', 'vitest.config.ts'],
      ['examples/plugins/victim/centroids.mjs', 'mine.mjs'],
    ])
      cpSync(path.join(repository, from), path.join(folder, to));
    writeFileSync(
      path.join(folder, 'http.test.ts'),
      `import { attack, classifier, digits, noise } from '@gauntlet/vitest';
import { expect, test } from 'vitest';
const on = digits({ take: 6 });
const at = (route) => classifier({ http: { url: '${url}' + route, retries: 1, timeout: 5 } }, { bounds: [0, 1] });
test('served', async () => {
  await expect(at('/scores')).toHaveAttackSuccessRate(attack('square', { epsilon: 0.2, queries: 60 }), { on, min: 0.1, max: 0.9 });
}, 60_000);
test('in code', async () => {
  await expect(classifier({ use: './mine.mjs' }, { bounds: [0, 1] })).toWithstand(noise({ epsilon: 0.01 }), { on, cleanAccuracy: { min: 0.4 } });
}, 60_000);
test('broken', async () => {
  await expect(at('/after/0/500')).toWithstand(noise({ epsilon: 0.01 }), { on });
}, 60_000);
test('not broken, not', async () => {
  await expect(at('/after/0/500')).not.toWithstand(noise({ epsilon: 0.01 }), { on });
}, 60_000);
test('gradients', async () => {
  await expect(at('/scores')).toWithstand(attack('pgd', { epsilon: 0.1 }), { on });
}, 60_000);
`,
    );
    writeFileSync(
      path.join(folder, 'wrong.test.ts'),
      `import { attack, classifier, digits, pgd } from '@gauntlet/vitest';
import { expect, test } from 'vitest';
const model = classifier('@gauntlet/zoo/models/digits-cnn/model.json', { bounds: [0, 1] });
const broken = attack('${plugins}#throws');
test('inconclusive', () => expect(model).toWithstand(broken, { on: digits({ take: 2 }) }));
test('inconclusive, negated', () => expect(model).not.toWithstand(broken, { on: digits({ take: 2 }) }));
test('no evidence', () => expect(model).toWithstand(pgd({ epsilon: 0 }), { on: digits({ take: 2 }) }));
test('accepted', () => expect(model).toWithstand(pgd({ epsilon: 0 }), { on: digits({ take: 2 }), strict: { except: ['epsilon-tiny'] } }));
test('no victim', () => expect('model.json').toWithstand(broken, { on: digits() }));
test('no such model', () => expect(classifier('./none.json', { bounds: [0, 1] })).toWithstand(broken, { on: digits() }));
test('no such parameter', () => expect(model).toWithstand(pgd({ epsilon: 0.1, stepz: 3 } as never), { on: digits() }));
`,
    );
    const spec = {
      victim: { model: '@gauntlet/zoo/models/digits-cnn/model.json', kind: 'classifier', bounds: [0, 1] },
      dataset: { format: 'plugin', use: 'digits', take: 2 },
    };
    const write = (name: string, attack: object) =>
      writeFileSync(path.join(folder, name), JSON.stringify({ ...spec, attacks: [attack] }, null, 1));
    write('cell.robust.json', { use: `${plugins}#throws` });
    write('typo.robust.json', { use: 'pgd', params: { epsilom: 1 } });
    run = await vitest(folder);
    await server.close();
  });
  const inHttp = ({ name }: { name: string }) => path.basename(name) === 'http.test.ts';

  it('are held against attacks by what they answer; an answer that fails is no pass, and no failure that was asked for', () => {
    const results = { ...run.results, testResults: run.results.testResults.filter(inHttp) };
    expect(names(results, 'passed')).toEqual(['in code', 'served']);
    const failures = results.testResults.flatMap(({ assertionResults }) =>
      assertionResults.flatMap(({ fullName, failureMessages }) =>
        failureMessages.map((message) => `${fullName}: ${message}`),
      ),
    );
    expect(failures).toHaveLength(3);
    expect(failures[0]).toMatch(/broken: .*answered 500/s);
    expect(failures[1]).toMatch(/not broken, not: .*500/s);
    expect(failures[2]).toMatch(
      /a model over HTTP has no gradients\. Attack it with square or hop-skip-jump/,
    );
  });

  it('fail either way round, and a spec fails with its place', () => {
    const { code, text } = run;
    expect(code).toBe(1);
    const results = {
      ...run.results,
      testResults: run.results.testResults.filter((file) => !inHttp(file)),
    };
    expect(names(results, 'passed')).toEqual(['accepted']);
    const messages = results.testResults.flatMap(({ assertionResults }) =>
      assertionResults.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join()}`),
    );
    const about = (name: string) => messages.find((message) => message.startsWith(`${name}:`));
    for (const name of ['inconclusive', 'inconclusive, negated', 'cell ' + plugins + '#throws'])
      expect(about(name)).toMatch(/no idea what to do/);
    expect(about('accepted')).toBe('accepted: ');
    expect(about('no evidence')).toMatch(/epsilon is 0: .* \[epsilon-tiny\]/);
    expect(about('no victim')).toMatch(/expect\(\) needs a victim here: classifier\(model, \{ bounds \}\)/);
    expect(about('no such model')).toContain(`There is no file ${path.join(folder, 'none.json')}`);
    for (const name of ['no such model', 'no such parameter'])
      expect(about(name)).toMatch(/wrong\.test\.ts:\d+:\d+/);
    expect(about('no such parameter')).toMatch(/There is no option "stepz"/);
    expect(text).toMatch(
      /typo\.robust\.json:\d+:\d+: There is no option "epsilom"\. Did you mean "epsilon"\?/,
    );
    expect(existsSync(path.join(folder, 'gauntlet-report'))).toBe(true);
  });
});
