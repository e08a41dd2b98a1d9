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
import { Ajv } from 'ajv';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { contractVersion } from '@gauntlet/api';
import {
  digitsModel,
  gauntlet,
  inProcess,
  readReport,
  repository,
  temporary,
  writeSpec,
} from './support/cli.js';
import { start } from './support/processes.js';

const read = (...parts: string[]) => readFileSync(path.join(...parts), 'utf8');
const schema = (file: string) =>
  new Ajv({ strict: false, discriminator: true }).compile(
    JSON.parse(read(repository, 'packages', file)) as object,
  );

describe('gauntlet run', () => {
  const pgd = { use: 'pgd', params: { epsilon: 0.15, steps: 15, restarts: 1 } };

  it('exits 0 when every expectation holds, with a table, report.json and junit.xml', async () => {
    const spec = writeSpec(temporary(), [
      { ...pgd, expect: { asr: { min: 0.5 }, cleanAccuracy: { min: 0.9 } } },
    ]);
    const { code, stdout, stderr } = await gauntlet('run', spec, '-j', '0');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const folder = path.join(path.dirname(spec), 'gauntlet-report/test');
    expect(stdout).toMatch(/digits\/pgd: 8\/8 samples/);
    expect(stdout).toMatch(/│ digits │ pgd +│ 100\.0 % +│ \d+\.\d % \[/);
    expect(stdout).toContain(path.join(folder, 'junit.xml'));
    const validate = schema('reporters/schema/report.schema.json');
    validate(readReport(folder));
    expect(validate.errors ?? []).toEqual([]);
    expect(read(folder, 'junit.xml')).toMatch(
      /<testsuite [^>]*name="digits × digits"[^>]*tests="2"[^>]*failures="0"/,
    );
  });

  it('exits 1 when one does not, and the JUnit says why and how to look at it', async () => {
    const spec = writeSpec(temporary(), [{ ...pgd, expect: { asr: { max: 0 } } }]);
    const { code, stdout } = await gauntlet('run', spec, '-j', '0');
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ fail digits\/pgd\n {2}asr is .* expected at most 0, which is .* too much/);
    const junit = read(path.dirname(spec), 'gauntlet-report/test/junit.xml');
    expect(junit).toMatch(/<testcase [^>]*name="pgd: asr ≤ 0"/);
    expect(junit).toMatch(
      /<failure message="asr is [\d.]+ \[[\d., ]+\] over 8 samples; expected at most 0, which is [\d.]+ too much\."/,
    );
    expect(junit).toMatch(
      /measured: .*\nlimit: asr ≤ 0\nparameters: .*\nworst samples: .*\nreplay: gauntlet replay .* digits\/pgd \d+/,
    );
    expect(junit).toMatch(/<property name="pgd\.mi" value="[\d.]+ \[/);
  });

  it('shows a failure that is worth catching in the demo, and exits 0, because the spec expects it', async () => {
    const output = temporary('demo');
    const demo = path.join(repository, 'examples/digits/digits.robust.yaml');
    const { code, stdout } = await gauntlet('run', demo, '-j', '0', '-g', 'pgd$', '--output', output);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /digits-cnn\/pgd breaks 3\d of 60 samples, as the spec expects; look at one: gauntlet replay \S+ digits-cnn\/pgd \d+\n/,
    );
  });

  it('runs only what --grep matches, stops at the first failure with --bail, takes several specs', async () => {
    const folder = temporary();
    writeSpec(
      folder,
      [
        { ...pgd, name: 'one', expect: { asr: { max: 0 } } },
        { ...pgd, name: 'two' },
        { ...pgd, name: 'three' },
      ],
      {},
      'a.robust.json',
    );
    writeSpec(folder, [{ use: 'noise', params: { epsilon: 0 } }], {}, 'b.robust.json');
    await gauntlet('run', path.join(folder, 'a.robust.json'), '-g', 't(wo|hree)$', '-j', '0');
    expect(readReport(path.join(folder, 'gauntlet-report/a')).cells.map(({ attack }) => attack)).toEqual([
      'two',
      'three',
    ]);
    const { code, stdout } = await gauntlet(
      'run',
      folder,
      '-j',
      '0',
      '-x',
      '--output',
      path.join(folder, 'out'),
    );
    expect(code).toBe(1);
    expect(readReport(path.join(folder, 'out/a')).cells.map(({ verdict }) => verdict)).toEqual([
      'fail',
      'inconclusive',
      'inconclusive',
    ]);
    expect(existsSync(path.join(folder, 'out/b'))).toBe(false);
    expect(stdout).toMatch(/✗ fail/);
  });

  it('prints and writes only what --reporter names', async () => {
    const spec = writeSpec(temporary(), [pgd]);
    const { stdout } = await gauntlet('run', spec, '-j', '0', '--reporter', 'junit');
    expect(stdout).toBe('');
    const folder = path.join(path.dirname(spec), 'gauntlet-report/test');
    expect(existsSync(path.join(folder, 'junit.xml'))).toBe(true);
    expect(existsSync(path.join(folder, 'report.json'))).toBe(false);
  });

  it('uses another seed and engine when told to', async () => {
    const spec = writeSpec(temporary(), [pgd], { dataset: { format: 'plugin', use: 'digits', take: 2 } });
    const out = path.join(path.dirname(spec), 'out');
    await gauntlet('run', spec, '-j', '0', '--engine', 'tfjs:cpu', '--seed', '12', '--output', out);
    const report = readReport(out);
    expect(report.seed).toBe(12);
    expect(report.victims[0].engine).toBe('tfjs:cpu');
  });

  it('knows its options', async () => {
    for (const [args, message] of [
      [
        ['run', '--reporter', 'pdf', 'x'],
        'There is no plugin "pdf". Built in: terminal, json, junit, html, pictures, markdown, github, sarif, ctrf, mlflow.',
      ],
      [['run', '--workers', '1.5'], '--workers must be an integer of at least 0.'],
      [['run', '--grep', '('], '--grep is no regular expression'],
      [['run', '--wrokers', '2'], 'Unknown argument: wrokers'],
      [['rnu'], 'Did you mean run?'],
      [['replay'], '<run> and <cell> and <sample> are missing: gauntlet replay <run> <cell> <sample>\n'],
      [['replay', 'out', 'a/b'], '<sample> is missing: gauntlet replay <run> <cell> <sample>\n'],
      [['merge', '--output', 'out'], '<runs..> is missing: gauntlet merge <runs..>\n'],
      [
        ['zoo', 'train', '--dataset', 'x', '--out', 'y'],
        '<architecture> is missing: gauntlet zoo train <architecture>\n',
      ],
      [['run', 'nothing.robust.yaml'], 'There is no spec nothing.robust.yaml.'],
      [
        ['run', '--engine', 'tfjs:wasn', 'examples/digits'],
        'There is no engine "tfjs:wasn". Did you mean "tfjs:wasm"?',
      ],
    ] as const) {
      const { code, stderr } = await gauntlet(...args);
      expect(stderr).toContain(message);
      expect(code).toBe(2);
    }
  });
});

describe('a wrong spec: file, line and column, what to write instead, code 2', () => {
  const folder = temporary('specs');
  const good = `victim: { model: ${digitsModel}, kind: classifier, bounds: [0, 1] }
dataset: { format: plugin, use: digits, take: 8 }
attacks:
  - use: pgd
    params:
      epsilon: 0.1
    expect:
      asr: { max: 0.5 }
`;
  async function complaint(change: (text: string) => string, name = 'wrong.robust.yaml'): Promise<string> {
    const file = path.join(folder, name);
    writeFileSync(file, change(good));
    const { code, stderr } = await gauntlet('run', file, '-j', '0');
    expect(code).toBe(2);
    return stderr.replaceAll(folder, '');
  }
  const swap = (from: string, to: string) => (text: string) => text.replace(from, to);

  for (const [what, change, message] of [
    [
      'a typo in a parameter',
      swap('epsilon: 0.1', 'epsilom: 0.1'),
      '/wrong.robust.yaml:6:7: There is no option "epsilom". Did you mean "epsilon"?',
    ],
    [
      'a parameter out of range',
      swap('epsilon: 0.1', 'epsilon: -1'),
      '/wrong.robust.yaml:6:16: "epsilon" must be >= 0; found -1.',
    ],
    [
      'a missing parameter',
      swap('      epsilon: 0.1', '      steps: 3'),
      '/wrong.robust.yaml:6:7: Needed here: "epsilon".',
    ],
    [
      'an unknown attack',
      swap('use: pgd', 'use: pgdd'),
      '/wrong.robust.yaml:4:10: There is no plugin "pgdd". Did you mean "pgd"?',
    ],
    [
      'an unknown metric',
      swap('asr:', 'arr:'),
      '/wrong.robust.yaml:8:7: There is no metric "arr". Did you mean "asr"?',
    ],
    [
      'a limit without a number',
      swap('max: 0.5', 'max: low'),
      '/wrong.robust.yaml:8:19: "max" must be a number; found "low".',
    ],
    [
      'an unknown format',
      swap('format: plugin', 'format: mnist'),
      '/wrong.robust.yaml:2:20: "format" must be one of idx, cifar10, cifar10-c, npy, npz, parquet, folder, svhn, plugin; found "mnist".',
    ],
    [
      'a missing model',
      swap(digitsModel, './model.json'),
      '/wrong.robust.yaml:1:18: There is no file /model.json.',
    ],
    [
      'bounds the wrong way round',
      swap('[0, 1]', '[1, 0]'),
      '"bounds" must be [smallest, largest]; found [1, 0].',
    ],
    [
      'an attack for another kind of victim',
      swap('kind: classifier', 'kind: autoencoder'),
      '/wrong.robust.yaml:4:10: The attack pgd is for a victim of kind "classifier"',
    ],
    [
      'a target class for a victim without classes',
      (text: string) =>
        text
          .replace('kind: classifier', 'kind: autoencoder')
          .replace('use: pgd', 'use: square')
          .replace('epsilon: 0.1', 'epsilon: 0.1\n      target: 3'),
      '"target" names a class, and wrong is an autoencoder, which has none. Leave it out.',
    ],
    ['no YAML at all', swap('attacks:', 'attacks: ]'), '/wrong.robust.yaml:3:10:'],
    [
      'two attacks of one name',
      (text: string) => `${text}  - { use: pgd, name: pgd, params: { epsilon: 1 } }\n`,
      '/wrong.robust.yaml:9:5: Two attacks are called "pgd". Give one a "name" of its own.',
    ],
    [
      'a plugin that is not there',
      swap('use: pgd', 'use: ./mine.mjs'),
      '/wrong.robust.yaml:4:10: There is no plugin at /mine.mjs.',
    ],
  ] as const) {
    it(what, async () => {
      expect(await complaint(change)).toContain(message);
    });
  }

  it('a plugin that is broken', async () => {
    writeFileSync(path.join(folder, 'broken.mjs'), 'throw new Error("not today")');
    writeFileSync(path.join(folder, 'odd.mjs'), 'export default { name: "x" }');
    expect(await complaint(swap('use: pgd', 'use: ./broken.mjs'))).toMatch(
      /broken\.mjs cannot be loaded: not today/,
    );
    expect(await complaint(swap('use: pgd', 'use: ./odd.mjs'))).toMatch(
      /odd\.mjs is no plugin. Export defineAttack/,
    );
  });

  it('several problems are reported together', async () => {
    const text = await complaint((spec) =>
      spec.replace('epsilon: 0.1', 'epsilom: 0.1').replace('take: 8', 'take: 8, tale: 1'),
    );
    expect(text).toContain('"tale"');
  });

  it('data and models that do not fit, found before any attack runs', async () => {
    const images = path.join(folder, 'images.idx');
    writeFileSync(
      images,
      Buffer.concat([
        Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28]),
        Buffer.alloc(2 * 784 - 5),
      ]),
    );
    const asIdx = (text: string) =>
      text.replace('format: plugin, use: digits, take: 8', `format: idx, images: ${images}`);
    expect(await complaint(asIdx)).toMatch(
      /images\.idx: expected 1568 bytes of data for \[2, 28, 28\], found 1563 bytes/,
    );
    writeFileSync(
      images,
      Buffer.concat([Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28]), Buffer.alloc(2 * 784)]),
    );
    expect(await complaint(asIdx)).toMatch(/is a classifier, and the dataset has no labels/);
    writeFileSync(
      images,
      Buffer.concat([Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 20, 0, 0, 0, 20]), Buffer.alloc(2 * 400)]),
    );
    expect(await complaint(asIdx)).toMatch(
      /takes inputs of shape \[28, 28, 1\], the dataset gives \[20, 20, 1\]/,
    );
  });
});

describe('a wrong model or dataset, through the command line: its sentence, code 2', () => {
  const idx = (dimensions: number[], size: number) => {
    const bytes = Buffer.alloc(4 + 4 * dimensions.length + size);
    bytes.writeUInt32BE(0x0800 + dimensions.length, 0);
    dimensions.forEach((one, i) => bytes.writeUInt32BE(one, 4 + 4 * i));
    return bytes;
  };
  /** A copy of the shipped model with something changed. */
  function spoiled(
    change: (json: { weightsManifest: { paths: string[] }[] }, weights: Buffer) => void,
  ): string {
    const folder = temporary('model');
    const json = JSON.parse(read(digitsModel)) as { weightsManifest: { paths: string[] }[] };
    const weights = readFileSync(path.join(path.dirname(digitsModel), 'weights.bin'));
    change(json, weights);
    writeFileSync(path.join(folder, 'model.json'), JSON.stringify(json));
    writeFileSync(path.join(folder, 'weights.bin'), weights);
    return folder;
  }
  async function complaint(rest: object): Promise<string> {
    const { code, stderr } = await gauntlet(
      'run',
      writeSpec(temporary(), [{ use: 'noise', params: { epsilon: 0 } }], rest),
      '-j',
      '0',
    );
    expect(code).toBe(2);
    return stderr;
  }
  const withModel = (model: string) => complaint({ victim: { model, kind: 'classifier', bounds: [0, 1] } });

  it('NaN weights', async () => {
    expect(await withModel(spoiled((_json, weights) => weights.writeFloatLE(NaN, 40)))).toMatch(
      /is NaN at position 10\. Train or export/,
    );
  });

  it('weights paths that climb out of the model folder', async () => {
    expect(
      await withModel(spoiled((json) => (json.weightsManifest[0].paths = ['../../weights.bin']))),
    ).toMatch(/names weights outside its own folder/);
  });

  it('labels shorter than images', async () => {
    const folder = temporary('data');
    writeFileSync(path.join(folder, 'images'), idx([3, 28, 28], 3 * 784));
    writeFileSync(path.join(folder, 'labels'), idx([2], 2));
    const dataset = {
      format: 'idx',
      images: path.join(folder, 'images'),
      labels: path.join(folder, 'labels'),
    };
    expect(await complaint({ dataset })).toMatch(
      /labels: expected 3 labels, one for each image of .*images, found 2/,
    );
  });
});

describe('specs in TypeScript and JSON', () => {
  it('are loaded, typed by defineSpec', async () => {
    const folder = path.join(repository, 'test/fixtures');
    const { code, stdout } = await gauntlet('validate', path.join(folder, 'typed.robust.ts'));
    expect(stdout).toMatch(/typed\.robust\.ts: valid \(2 cells, 1 expectation\)/);
    expect(code).toBe(0);
    const wrong = path.join(temporary(), 'wrong.robust.ts');
    writeFileSync(wrong, 'export default { dataset: 1 };');
    const result = await gauntlet('validate', wrong);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/wrong\.robust\.ts: .*"attacks"/);
  });
});

/** The shipped model with one weight changed, in a folder; its file. */
function spoiledCopy(folder: string): string {
  cpSync(path.dirname(digitsModel), path.join(folder, 'other'), { recursive: true });
  const file = path.join(folder, 'other/weights.bin');
  const weights = readFileSync(file);
  weights.writeFloatLE(0.5, 40);
  writeFileSync(file, weights);
  return path.join(folder, 'other/model.json');
}

describe('other commands', () => {
  it('bare, it shows its help and passes nothing', async () => {
    const { code, stdout } = await gauntlet();
    expect(stdout).toContain('gauntlet run [specs..]');
    expect(code).toBe(2);
  });

  it('--version is its own, not that of the project that it is called in', async () => {
    const cwd = temporary('version');
    writeFileSync(path.join(cwd, 'package.json'), '{ "version": "9.9.9" }');
    const { version } = JSON.parse(read(repository, 'packages/cli/package.json')) as { version: string };
    expect((await inProcess(['--version'], { cwd })).stdout).toBe(`${version}\n`);
  });

  it('list shows one plugin by its name, of whatever kind', async () => {
    expect((await gauntlet('list', 'pgd')).stdout).toMatch(
      /^Attacks\n\npgd: .*\n.* for a classifier or an encoder\n {2}norm/,
    );
    expect((await gauntlet('list', 'mine-uae')).stdout).toContain('for an autoencoder');
    expect((await gauntlet('list', 'gaussian')).stdout).toMatch(
      /^Attacks\n\ngaussian: [^]*\nEstimators\n\ngaussian: /,
    );
    const { stderr, code } = await gauntlet('list', 'pdg');
    expect(stderr).toContain('No kind of plugin and no built-in plugin is called "pdg". Did you mean "pgd"?');
    expect(code).toBe(2);
  });

  it('list loads a plugin of one’s own by its path or package, and shows its options', async () => {
    const cwd = temporary('list');
    const example = path.join(repository, 'examples/plugins/attack/halfway.mjs');
    const { stdout, code } = await gauntlet('list', example);
    expect(stdout).toMatch(
      /^Attacks\n\nhalfway: .*\n.* for a classifier\n {2}epsilon +number ≥ 0; required\n {17}L∞, in input units\n$/,
    );
    expect(code).toBe(0);
    const stub = (name: string) =>
      `{ kind: 'attack', name: '${name}', contract: ${contractVersion}, version: 1, description: 'd', reference: 'none', victim: 'any', usesGradients: false, threat() {}, params: { type: 'object', properties: { a: { type: 'number' } } }, perturb() {} }`;
    writeFileSync(path.join(cwd, 'two.ts'), `export default [${stub('one')}, ${stub('two')}];`);
    writeFileSync(path.join(cwd, 'none.mjs'), 'export default {};');
    const list = (what: string) => inProcess(['list', what], { cwd });
    expect((await list('./two.ts')).stdout).toMatch(
      /^Attacks\n\none: d\n.*\n {2}a +number; optional\n\ntwo: d\n/,
    );
    expect((await list('./two.ts#two')).stdout).toMatch(/^Attacks\n\ntwo: d\n/);
    expect((await list('@gauntlet/attacks-minmax')).stdout).toContain('minmax: ');
    for (const [what, message] of [
      ['./two.ts#tow', 'has no plugin "tow". Did you mean "two"? It has: one, two.'],
      ['./three.ts', 'There is no plugin at '],
      ['./none.mjs', 'is no plugin'],
      ['two.ts', 'a file is named by a path that starts with ./'],
    ]) {
      const failed = await list(what);
      expect(failed.stderr).toContain(message);
      expect(failed.code).toBe(2);
    }
  });

  it('list shows every attack with parameters, defaults, ranges and paper', async () => {
    const { stdout, code } = await gauntlet('list');
    expect(code).toBe(0);
    for (const part of [
      'pgd: Projected gradient ascent',
      'Madry et al., ICLR 2018',
      'minmax:',
      'Hsu et al., AAAI 2022, Algorithm 1',
      'norm           linf | l2 | l1; default "linf"',
      'epsilon        number ≥ 0; required',
      'digits: Synthetic',
      'asr: ',
      'Reporters\n\nterminal: progress',
    ]) {
      expect(stdout).toContain(part);
    }
    const { plugins } = JSON.parse((await gauntlet('list', '--json')).stdout) as {
      plugins: { name: string; kind: string }[];
    };
    expect(plugins.filter(({ kind }) => kind !== 'metric').map(({ name }) => name)).toEqual([
      'standard',
      'pgd',
      'apgd',
      'apgd-t',
      'fgsm',
      'fmn',
      'ddn',
      'cw',
      'deepfool',
      'square',
      'hop-skip-jump',
      'noise',
      'corruptions',
      'transforms',
      'minmax',
      'penalty',
      'mine-uae',
      'l2-uae',
      'gaussian',
      'contrastive',
      'view-similarity',
      'nearest-other',
      'any-label',
      'hamming',
      'gaussian',
      'ksg',
      'info-nce',
      'digits',
      'http',
      'terminal',
      'json',
      'junit',
      'html',
      'pictures',
      'markdown',
      'github',
      'sarif',
      'ctrf',
      'mlflow',
      'onnx',
      'tfjs',
    ]);
    const engines = (await gauntlet('list', 'engines')).stdout;
    expect(engines).toMatch(/^Engines\n\nonnx: .*\n {2}on cpu, webgpu \(graphics card\)/);
  });

  it('schema is what the package ships, and it knows the parameters of attacks', async () => {
    const { stdout } = await gauntlet('schema');
    expect(stdout).toBe(read(repository, 'packages/cli/schema/robust-spec.schema.json'));
    const validate = schema('cli/schema/robust-spec.schema.json');
    const spec = parse(read(repository, 'examples/digits/digits.robust.yaml')) as {
      attacks: { use: string; params: object }[];
    };
    expect(validate(spec)).toBe(true);
    const using = (use: string) => validate({ ...spec, attacks: [{ use, params: { mine: 1 } }] });
    for (const use of ['my-attack', '@me/attacks', 'attacks#mine', './mine.mjs'])
      expect(using(use)).toBe(true);
    expect(using('My attack')).toBe(false);
    const victim = { model: './a.onnx', kind: 'classifier', bounds: [0, 1] };
    const on = (engine: unknown) => validate({ ...spec, victim: { ...victim, engine } });
    for (const engine of ['auto', 'onnx', 'tfjs:wasm', './mine.mjs', 'mine:gpu', '@me/engines#mine:gpu'])
      expect([engine, on(engine)]).toEqual([engine, true]);
    expect(on({ use: './mine.mjs', device: 'gpu', params: { threads: 2 } })).toBe(true);
    for (const engine of [
      'onnx:gpu',
      'My engine',
      { use: 'onnx', params: { threads: 2 } },
      { device: 'cpu' },
    ])
      expect([engine, on(engine)]).toEqual([engine, false]);
    spec.attacks[1].params = { epsilom: 1 };
    expect(validate(spec)).toBe(false);
  });

  it('doctor measures engines that start, and says of others why they do not and what to do', async () => {
    // Without any Vulkan driver, whatever this machine has.
    const { stdout, code } = await start(['doctor'], { env: { VK_DRIVER_FILES: '/nowhere.json' } }).done;
    expect(code).toBe(0);
    expect(stdout).toMatch(/GiB memory/);
    expect(stdout).toMatch(/✓ onnx:cpu +1\.\d+\.\d+ +[\d,]+ image-gradients\/s .*← auto/);
    expect(stdout).toMatch(/✓ tfjs:wasm +4\.22\.0 +[\d,]+ image-gradients\/s/);
    expect(stdout).toMatch(/✗ onnx:webgpu .*needs a GPU with its driver/);
    expect(stdout).toMatch(/✗ onnx:coreml .*does not have it\. It needs macOS/);
    expect(stdout).toMatch(/✗ tfjs:tensorflow-gpu .*is not installed\. Install it with/);
    expect(stdout).toMatch(/auto is onnx:cpu/);
  });

  it('an engine that is named and cannot start is an error with cause and remedy', async () => {
    const spec = writeSpec(temporary(), [{ use: 'noise', params: { epsilon: 0.1 } }]);
    const { stderr, code } = await gauntlet('run', spec, '--engine', 'onnx:cuda', '-j', '0');
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /The engine onnx:cuda cannot start: .*ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node.*--engine onnx:cpu/,
    );
  });

  it('replay gives the recorded outcome again, with a picture', async () => {
    const spec = writeSpec(temporary(), [{ use: 'pgd', params: { epsilon: 0.2, steps: 10, restarts: 1 } }]);
    await gauntlet('run', spec, '-j', '0');
    const folder = path.join(path.dirname(spec), 'gauntlet-report/test');
    // A link that somebody left in the folder is replaced, and what it names stays as it is.
    const elsewhere = path.join(temporary(), 'mine.txt');
    writeFileSync(elsewhere, 'mine');
    symlinkSync(elsewhere, path.join(folder, 'replay-digits-pgd-3.png'));
    const { code, stdout, stderr } = await gauntlet('replay', folder, 'digits/pgd', '3', '--spec', spec);
    expect(readFileSync(elsewhere, 'utf8')).toBe('mine');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    for (const line of stdout.split('\n').filter((text) => /^(status|prediction|l2|mi|loss) /.test(text))) {
      const [, recorded, now] = line.split(/\s+/);
      expect(now).toBe(recorded);
    }
    const picture = decode(readFileSync(path.join(folder, 'replay-digits-pgd-3.png')));
    // Three images, with their titles above and words beside them.
    expect([picture.width, picture.height]).toEqual([3 * 88 + 4 + 236, 88 + 4 + 58]);
    expect(stdout).not.toMatch(/in the run/);
    writeFileSync(spec, readFileSync(spec, 'utf8').replace(/"epsilon": *0.2/, '"epsilon": 0.001'));
    const changed = await gauntlet('replay', folder, 'digits/pgd', '3', '--spec', spec);
    expect(changed.stdout).toMatch(/^epsilon: 0.2 in the run, 0.001 now$/m);
    expect(changed.stdout).toMatch(
      /The outcome differs from the recorded one. What has changed since stands above/,
    );
    expect(changed.code).toBe(3);
    expect((await gauntlet('replay', folder, 'digits/pgdd', '3')).stderr).toMatch(
      /Did you mean "digits\/pgd"/,
    );
    expect((await gauntlet('replay', folder, 'digits/pgd', '800')).stderr).toMatch(/has no sample 800/);
  });

  it('writes no pictures through a link that lies in the folder', async () => {
    const spec = writeSpec(temporary(), [{ use: 'fgsm', params: { epsilon: 0.2 } }]);
    const folder = path.join(path.dirname(spec), 'gauntlet-report/test');
    const elsewhere = temporary();
    mkdirSync(folder, { recursive: true });
    symlinkSync(elsewhere, path.join(folder, 'pictures'));
    await gauntlet('run', spec, '-j', '0', '--output', folder);
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(readdirSync(path.join(folder, 'pictures'))).toEqual(['digits-fgsm.png']);
  });

  it('replay of a run that was moved takes the model by --model, and no other than it was', async () => {
    const before = temporary('moved');
    cpSync(path.dirname(digitsModel), path.join(before, 'model'), { recursive: true });
    const victim = { name: 'digits', model: './model/model.json', kind: 'classifier', bounds: [0, 1] };
    await gauntlet(
      'run',
      writeSpec(before, [{ use: 'fgsm', params: { epsilon: 0.2 } }], { victim }),
      '-j',
      '0',
    );
    const after = path.join(temporary('moved'), 'run');
    cpSync(before, after, { recursive: true, filter: (file) => path.basename(file) !== 'model' });
    rmSync(before, { recursive: true });
    const replay = (...args: string[]) =>
      inProcess(['replay', 'gauntlet-report/test', 'digits/fgsm', '3', ...args], { cwd: after });
    expect((await replay()).stderr).toContain('There is no file');
    expect(await replay('--model', digitsModel)).toMatchObject({ code: 0, stderr: '' });
    const other = path.join(repository, 'packages/zoo/models/digits-conv-ae/model.json');
    const wrong = spoiledCopy(after);
    expect((await replay('--model', wrong)).stderr).toContain('is not the model of the run');
    expect((await replay('--model', other)).code).toBe(2);
  });

  it('validate searches folders; a model may be named by package', async () => {
    const { code, stdout } = await gauntlet('validate', path.join(repository, 'examples/digits'));
    expect(stdout).toMatch(/digits\.robust\.yaml: valid \(5 cells, 7 expectations\)/);
    expect(code).toBe(0);
  });
});
